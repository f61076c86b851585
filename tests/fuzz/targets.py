"""What is fuzzed: each parser with seeds, the words of its format, and what must hold for every input.

A check returns whether the input was accepted, and raises for anything that must not be: an exception that the parser
does not promise, or an answer that contradicts itself.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

from sox_hooks.core.digest import sha256
from sox_hooks.core.errors import CannotVerify, SoxError, UsageError
from sox_hooks.core.findings import ERROR
from sox_hooks.core.sshwire import put_mpint, put_string
from sox_hooks.core.text import encode
from sox_hooks.core.trailers import all_trailers, key_of, last_paragraph, parse_block
from sox_hooks.detection import agent_trace as traces
from sox_hooks.detection import git_ai, git_ai_working
from sox_hooks.detection.catalogue import Catalogue, builtin
from sox_hooks.git.change import MalformedDiff, parse_raw
from sox_hooks.git.commits import MalformedCommit, RawCommit, parse_commit, parse_ident
from sox_hooks.git.patch import DiffReader
from sox_hooks.policy.compiled import dump, restore
from sox_hooks.policy.facts import Evidence
from sox_hooks.policy.load import load
from sox_hooks.policy.model import Person
from sox_hooks.policy.signers import parse_allowed_signers
from sox_hooks.record import quick, sshsig
from sox_hooks.record.binding import bind
from sox_hooks.record.log import NO_PREVIOUS, Anchor
from sox_hooks.record.log_check import parse_entry, verify_log
from sox_hooks.record.message import CLEANUPS, aborts, layout, stored
from sox_hooks.record.record import VERSION, Record, final_assisted_by, read, render, write
from sox_hooks.record.statement import canonical, payload
from sox_hooks.verification import countersigned, envelope
from sox_hooks.verification import summary as summaries
from tests.detection.other_recorders import note, trace
from tests.policy.policy_texts import IDENTITY, TEXTS, files
from tests.record.software_keys import software_key
from tests.record.software_keys import sshsig as make_sshsig
from tests.stage import ALICE, BOB, policy_files


class Target(NamedTuple):
    """One parser. `share` is its part of the inputs of a run (slow ones get less)."""

    check: Callable[[bytes], bool]
    seeds: Callable[[], tuple[bytes, ...]]
    words: tuple[bytes, ...] = ()
    share: int = 10


RECORD = Record(
    "assisted",
    ("claude-code@2.1:opus-4",),
    VERSION,
    "2026-11-23T14:02:11Z",
    (("policy", "5f" * 20), ("change", "A" * 43), ("patch", "E" * 43), ("log", "abcdefabcdef.7." + "0f" * 16)),
    b"SSHSIG" + bytes(range(180)),
)
_OWN = (b"AI-Assistance: none\n", b"Assisted-by: cursor\n", b"Sox-Record: v1 ", b"Sox-Signature:\n", b" log=", b"v2")


def _messages() -> tuple[bytes, ...]:
    block = b"\n".join(render(RECORD)) + b"\n"
    return (
        b"Subject\n\n" + block,
        b"Subject\n\nBody text\nmore\n\nSigned-off-by: A <a@b>\n" + block + b"(cherry picked from commit 1234)\n",
        b"Subject\r\n\r\nReviewed-by: A\r\n".replace(b"\n", b"\r\n") + block.replace(b"\n", b"\r\n"),
        b"Squashed\n\n* one\n\n" + block.replace(b"\n", b"\n    ") + b"\n\nCo-authored-by: A <a@b>\n",
        b"Subject only\n",
        b"S\n\n# Please enter the commit message\n# ------------------------ >8 ------------------------\ndiff\n",
        b"Merge\n\n" + block + b"\n# Conflicts:\n#\tsrc/a.py\n",
        b"S\n\n---\n\n" + block,
        b"",
    )


def _refused(why: str) -> bool:
    assert why.isprintable()
    return False


def trailers(raw: bytes) -> bool:
    block = parse_block(raw)
    everywhere = list(all_trailers(raw))
    start, end = last_paragraph(raw)
    assert 0 <= start <= end <= len(raw)
    for trailer in block:
        assert trailer.raw in raw[start:]
        assert key_of(trailer.raw.split(b"\n")[0]) == trailer.key.encode()
        assert "\n" not in trailer.value
        assert trailer.value.strip(" \t\r\n") == trailer.value
        encode(trailer.value)
    inside = [item for item in everywhere if item.in_block]
    assert [(item.key, item.value, item.raw) for item in inside] == [item.astuple() for item in block]
    return bool(block)


def record(raw: bytes) -> bool:
    reading = read(raw)
    assert quick.read(raw) == reading
    assert (reading.record is None) == bool(reading.problems)
    for _, detail in (*reading.problems, *reading.misplaced):
        assert "\n" not in detail
        assert "\x1b" not in detail
    if reading.record is None:
        return False
    if max(len(name) + len(value) for name, value in reading.record.parameters) < 70:  # what we would write in a line
        assert read(b"S\n\n" + b"\n".join(render(reading.record)) + b"\n").record == reading.record
    data = payload(reading.record, "bank/ledger", b"a\xff@b")
    assert quick.payload(reading.record, "bank/ledger", b"a\xff@b") == data
    assert quick.payload(reading.record, "bank/ledger", b"a@b") == payload(reading.record, "bank/ledger", b"a@b")
    kind, length, body = data.split(b" ", 4)[2:]
    assert (kind, int(length)) == (b"application/vnd.in-toto+json", len(body))
    json.loads(body)
    return True


def message(raw: bytes) -> bool:
    """What is written reads back the same, is what git will store, and is written once however often."""
    cleanup = CLEANUPS[len(raw) % len(CLEANUPS)]
    comments = bool(len(raw) & 8)
    comment = None if len(raw) & 16 else b"#"
    file = layout(raw, comments=comments, comment=comment, cleanup=cleanup)
    assert b"".join(file.lines) == raw
    assert 0 <= file.block <= file.end <= file.scissors <= len(file.lines)
    stored(file)
    if aborts(file):
        return False
    full = RECORD.replace(assisted_by=final_assisted_by(file, RECORD.assisted_by))
    try:
        written = write(file, full)
    except UsageError:
        return False
    after = file.again(written)
    assert read(stored(after)).record == full
    assert final_assisted_by(after, full.assisted_by) == full.assisted_by
    assert write(after, full) == written
    return True


# Keys whose signatures are the same in every run, so that an input of a seed is, too.
_REPEATING = ("ssh-ed25519", "sk-ssh-ed25519@openssh.com")


@cache
def _signatures() -> tuple[bytes, ...]:
    """Good signatures over `message` of the kinds that repeat."""
    return tuple([make_sshsig(software_key(kind), b"message") for kind in _REPEATING])


@cache
def _blobs() -> tuple[bytes, ...]:
    """Those, and well-formed ones of the other kinds, which nobody made."""
    blobs = list(_signatures())
    numbers = put_mpint(2**255 + 7) + put_mpint(2**254 + 9)
    for kind in ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521", "sk-ecdsa-sha2-nistp256@openssh.com"):
        tail = b"\x01\0\0\0\x07" if kind.startswith("sk-") else b""
        field = put_string(kind.encode()) + put_string(numbers) + tail
        blobs.append(make_sshsig(software_key(kind), b"message", field=field))
    rsa = put_string(b"ssh-rsa") + put_mpint(65537) + put_mpint(2**2047 + 12345)
    field = put_string(b"rsa-sha2-512") + put_string(bytes(range(256)))
    blobs.append(make_sshsig(software_key("ssh-ed25519"), b"message", public=rsa, field=field))
    return (*blobs, sshsig.armor(blobs[0]), sshsig.armor(blobs[-1]))


def signature(raw: bytes) -> bool:
    """A blob that is accepted can be written in this one way only."""
    if raw.startswith(b"-----"):
        try:
            blob = sshsig.dearmor(raw)
        except sshsig.BadSignature:
            return False
        assert sshsig.armor(blob) == raw
        return True
    try:
        found = sshsig.parse(raw)
    except sshsig.BadSignature as error:
        return _refused(str(error))
    tail = b"" if found.flags is None else bytes([found.flags]) + (found.counter or 0).to_bytes(4, "big")
    inner = put_string(found.signature_algorithm.encode()) + put_string(found.signature) + tail
    fields = (found.public_key, found.namespace.encode(), b"", found.hash_name.encode(), inner)
    assert raw == b"SSHSIG\0\0\0\x01" + b"".join([put_string(field) for field in fields])
    try:
        sshsig.verify(found, b"message")
    except sshsig.BadSignature:
        return True
    assert raw in _signatures()  # whatever verifies was made by the key, byte for byte
    return True


_SIGNERS = policy_files((ALICE, BOB))[".sox/allowed_signers"].encode()
_PEOPLE = (Person("alice", emails=("alice@bank.example",)), Person("bob", emails=("bob@bank.example",)))


def signers(raw: bytes) -> bool:
    found, findings = parse_allowed_signers(raw, ".sox/allowed_signers", _PEOPLE)
    for finding in findings:
        assert finding.message.isprintable()
    for signer in found:
        assert signer.person in ("alice", "bob")
        assert not set("*?!") & set("".join(signer.principals))
        assert raw.count(signer.key.encode()) >= 1
    assert len({signer.key for signer in found}) == len(found)
    return bool(found) and not findings


def policy(raw: bytes) -> bool:
    # What it looks like is what it stands for; all other files are those of a policy that uses everything.
    kinds = {b"[[exceptions]]": "exceptions", b"[people": "people"}
    name = next((kinds[word] for word in kinds if word in raw[:200]), "policy")
    found, findings = load(files(**{name: raw}))
    assert (found is None) == any(finding.severity == ERROR for finding in findings)
    for finding in findings:
        assert finding.message.isprintable()
        assert finding.why.isprintable()
    if found is None:
        return False
    assert restore(dump(found), IDENTITY) == found
    return True


@cache
def _log() -> tuple[bytes, ...]:
    """A whole log, made by hand: the real one begins with a random number."""
    fields: list[dict[str, object]] = [
        {"event": "started", "nonce": "5f" * 16},
        {"event": "recorded", "change": "A" * 43, "tools": ["claude-code"]},
        {"event": "refused", "findings": ["SOX201"], "text": "\u00e9"},
        {"event": "recorded", "change": "E" * 43, "n": 3},
    ]
    raw, previous = b"", NO_PREVIOUS
    for index, entry in enumerate(fields, 1):
        head = {"index": index, "time": "2026-11-23T14:02:11Z", "previous": previous}
        line = json.dumps({**head, **entry}, separators=(",", ":")).encode("ascii")
        raw, previous = raw + line + b"\n", sha256(line).hexdigest()
    lines = raw.splitlines(keepends=True)
    return (raw, lines[0], b"".join(lines[1:]), b"")


@cache
def _scratch() -> str:
    folder = tempfile.mkdtemp(prefix="sox-hooks-fuzz-")
    import atexit
    import shutil

    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def log(raw: bytes) -> bool:
    """No altered log passes: what is found to be whole is a beginning of the seed, or is its own new chain."""
    for line in raw.split(b"\n")[:20]:
        parse_entry(line)
    path = os.path.join(_scratch(), f"log-{os.getpid()}.jsonl")
    with open(path, "wb") as file:
        file.write(raw)
    try:
        report = verify_log(path)
    except SoxError:
        return False
    for finding in report.findings:
        assert finding.message.isprintable()
    if report.findings:
        return False
    # The last entry is bound by nothing yet; everything before it is.
    seed = _log()[0].splitlines(keepends=True)
    lines = raw.splitlines(keepends=True)
    if lines[:-1] and lines[0] == seed[0] and len(lines) > 1:
        assert lines[:-1] == seed[: len(lines) - 1]
    return True


_TREE = b"tree " + b"4b" * 20 + b"\n"
_WHO = b"author A <a@b> 1700000000 +0100\ncommitter C <c@d> 1700000001 -0330\n"
_PGP = b"gpgsig -----BEGIN SSH SIGNATURE-----\n U1NIU0lH\n -----END SSH SIGNATURE-----\n"


def _commits() -> tuple[bytes, ...]:
    parent = b"parent " + b"a1" * 20 + b"\n"
    return (
        _TREE + _WHO + b"\nSubject\n",
        _TREE + parent + parent.replace(b"a1", b"b2") + _WHO + b"\nSubject\n\nbody\n",
        _TREE + parent + _WHO + b"encoding ISO-8859-1\n" + _PGP + b"\nS\xe9\n",
        _TREE
        + parent
        + _WHO
        + b"mergetag object "
        + b"c3" * 20
        + b"\n type commit\n tag v1\n \n text\n"
        + _PGP
        + b"\nM\n",
        _TREE + _WHO + _PGP + _PGP.replace(b"gpgsig", b"gpgsig-sha256") + b"\n",
        _TREE + _WHO,
    )


def commit(raw: bytes) -> bool:
    """What is accepted can be put together again, byte for byte: nothing was skipped over."""
    try:
        found = parse_commit("e4" * 20, raw)
    except MalformedCommit as error:
        return _refused(error.what)
    for line in (found.author, found.committer):
        ident = parse_ident(line)
        assert ident.seconds >= -1
        assert ident.email in line
    assert raw in (_put_together(found), _put_together(found).removesuffix(b"\n"))
    return True


def _put_together(found: RawCommit) -> bytes:
    lines = [b"tree " + found.tree.encode()]
    lines += [b"parent " + parent.encode() for parent in found.parents]
    lines += [b"author " + found.author, b"committer " + found.committer]
    lines += [key + b" " + value.replace(b"\n", b"\n ") for key, value in found.headers]
    return b"\n".join(lines) + b"\n\n" + found.message


_BLOB, _OTHER, _NOTHING = b"1a" * 20, b"2b" * 20, b"0" * 40
_RAW = b":100644 100644 " + _BLOB + b" " + _OTHER + b" M\0src/a.py\0"
_TEXT = (
    b"diff --git a/src/a.py b/src/a.py\nindex " + _BLOB + b".." + _OTHER + b" 100644\n--- a/src/a.py\n+++ b/src/a.py\n"
    b"@@ -1,3 +1,3 @@ def f():\n one\n-two\n+TWO\n three\n@@ -9 +9,2 @@\n nine\n+ten\n\\ No newline at end of file\n"
)
_NEW = b":000000 100755 " + _NOTHING + b" " + _OTHER + b" A\0z\xff\0"


def _diffs() -> tuple[bytes, ...]:
    return (
        _RAW + b"\0" + _TEXT,
        _RAW
        + _NEW
        + b"\0"
        + _TEXT
        + b"diff --git a/z b/z\nnew file mode 100755\nindex "
        + _NOTHING
        + b".."
        + _OTHER
        + b"\n"
        b"--- /dev/null\n+++ b/z\n@@ -0,0 +1 @@\n+x\n",
        _RAW
        + b"\0diff --git a/src/a.py b/src/a.py\nindex "
        + _BLOB
        + b".."
        + _OTHER
        + b" 100644\nBinary files differ\n",
        _RAW.replace(b"100644 100644", b"100644 120000") + b"\0" + _TEXT,
        b"",
    )


def diff(raw: bytes) -> bool:
    """However the output is cut into blocks, it gives the same digests or is refused."""
    try:
        reader = DiffReader([raw])
        list(reader.sections())
        bound = bind(("a1" * 20,), [raw])
    except MalformedDiff:
        try:
            bind(("a1" * 20,), [[raw[at : at + 7] for at in range(0, len(raw), 7)]])
        except MalformedDiff:
            return False
        raise
    blocks = [raw[at : at + 7] for at in range(0, len(raw), 7)]
    assert bind(("a1" * 20,), [blocks]) == bound
    return True


def raw_diff(raw: bytes) -> bool:
    try:
        entries = parse_raw(raw)
    except CannotVerify:
        return False
    assert all(entry.path for entry in entries)
    return True


def statement(raw: bytes) -> bool:
    """RFC 8785 text reads back as the same values, in the one order, and is the same when it is written again."""
    pieces = raw.decode("utf-8", "replace").split("\n")
    value: dict[str, object] = {piece: pieces[at + 1 : at + 4] for at, piece in enumerate(pieces)}
    value["nested"] = dict(zip(pieces, reversed(pieces), strict=True))
    text = canonical(value)
    back = json.loads(text)
    assert back == value
    assert canonical(back) == text
    names = list(back)
    assert names == sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    text.encode("utf-8")
    return True


_POLICY = SimpleNamespace(identity="5f" * 20, repository="bank/vault", former=())  # another than that of the seeds
_LAW = SimpleNamespace(policy=_POLICY)


def summary(raw: bytes) -> bool:
    """Whoever may push a ref may write what is read here, and sign it with a key of their own."""
    signed = make_sshsig(software_key("ssh-ed25519"), envelope.signed_bytes(raw))
    for kept in (raw, envelope.envelope(raw, signed)):
        assert summaries.believed(kept, "c0" * 20, _LAW) is None  # type: ignore[arg-type]
        assert countersigned.believed(kept, _POLICY, None, "9") is None  # type: ignore[arg-type]
    return True


def _summaries() -> tuple[bytes, ...]:
    body = summaries.statement(
        summaries.Summary(
            "c0" * 20, "4b" * 20, "bank/ledger", "d1" * 20, ("e2" * 20,), "none", ("cursor",), RECORD.moment
        )
    )
    place = countersigned.Position("alice", Anchor("abcdefabcdef", 7, "3c" * 16), "c0" * 20, RECORD.moment, "SHA256:x")
    position = countersigned.statement(place, "bank/ledger", "4b" * 20, RECORD.moment)
    signed = make_sshsig(software_key("ssh-ed25519"), envelope.signed_bytes(body))
    whole = envelope.envelope(body, signed)
    return (body, position, whole, b"{}", b'{"payload":5,"signatures":[{"sig":""}]}')


def _policies() -> tuple[bytes, ...]:
    return tuple([text.encode() for text in TEXTS.values()])


_TOML = (
    b"\n[tiers.open]\n",
    b"\n[[paths]]\n",
    b'ai = "none"\n',
    b"baseline = []\n",
    b"[people.alice]\n",
    b'tier = "open"\n',
)


def _notes() -> tuple[bytes, ...]:
    one, two = "s_" + "1" * 14, "0123456789abcdef"
    files = {"a.py": {f"{one}::t_{'2' * 14}": "1-4,9", "h_" + "3" * 14: "5"}, "b c.py": {two: "1"}}
    described = {one: ("claude", "anthropic/claude-opus-4-8", "x"), two: ("mock_ai", "unknown", "y")}
    return note(files, described), note({"a.py": {two: "7"}}, {two: ("cursor", "gpt-5", "")}, table="prompts"), b"---\n"


@cache
def _catalogue() -> Catalogue:
    return builtin()


def git_ai_note(raw: bytes) -> bool:
    """Nothing but low and medium signs, for the paths that are asked for; what is kept can be printed and logged."""
    found = git_ai.read(raw)
    assert found.problem.isprintable()
    assert not (found.problem and found.sessions)
    signs = git_ai.evidence(_catalogue(), found, ("a.py",))
    _safe_signs(signs)
    for sign in git_ai.evidence(_catalogue(), found, ()):
        assert sign.confidence == "low"
    return not found.problem


def agent_trace(raw: bytes) -> bool:
    found = traces.read(raw, "/top")
    for one in found:
        assert one.moment > -100_000
        assert not one.path.startswith("/")
        assert ".." not in one.path.split("/")
    _safe_signs(traces.evidence(_catalogue(), found, [one.path for one in found[:5]]))
    return bool(found)


def git_ai_log(raw: bytes) -> bool:
    found = git_ai_working.read(raw)
    _safe_signs(traces.evidence(_catalogue(), found, [one.path for one in found[:5]], git_ai.SOURCE))
    return bool(found)


_CHECKPOINT = (
    b'{"kind":"AiAgent","api_version":"checkpoint/1.0.0","timestamp":1769178600,"entries":[{"file":"a.py"}],'
    b'"agent_id":{"tool":"claude","id":"x","model":"opus-4"}}\n'
)


def _safe_signs(signs: tuple[Evidence, ...]) -> None:
    for sign in signs:
        assert sign.confidence in ("low", "medium")
        assert not sign.tool or sign.tool in _catalogue().tools
        for text in (sign.detail, sign.version, sign.model, sign.session):
            assert text.isprintable()
        assert len(sign.detail) < 200
        assert len(sign.model) < 100


TARGETS: dict[str, Target] = {
    "trailers": Target(trailers, _messages, _OWN, 20),
    "record": Target(record, _messages, _OWN, 15),
    "message": Target(message, _messages, (*_OWN, b"# Conflicts:\n", b"---\n"), 5),
    "sshsig": Target(signature, _blobs, (b"SSHSIG", b"ssh-ed25519", b"sha512", b"sox-record", b"\0\0\0\x20"), 15),
    "allowed_signers": Target(
        signers,
        lambda: (_SIGNERS, _SIGNERS * 2, b"# only\n\n"),
        (
            b'namespaces="sox-record"',
            b"cert-authority",
            b"valid-before=",
            b'"20260101Z"',
            b"ssh-rsa AAAA",
            b"alice@bank.example",
        ),
        5,
    ),
    "policy": Target(policy, _policies, _TOML, 1),
    "log": Target(log, _log, (b'{"index":1', b'"previous":"', b'"event":"recorded"', b"\\u0000"), 4),
    "commit": Target(commit, _commits, (_TREE, b"parent ", b"author ", b"gpgsig ", b"\n continued", b"encoding "), 15),
    "diff": Target(diff, _diffs, (_RAW, b"@@ -1 +1 @@\n", b"diff --git ", b"Binary files ", b"\\ No newline"), 6),
    "raw diff": Target(raw_diff, lambda: (_RAW, _RAW + _NEW), (_NOTHING, b":000000 ", b" M\0"), 6),
    "summary": Target(summary, _summaries, (b"null", b"[]", b'{"sig":', b'"payload":', b'"subject":[', b"5,"), 3),
    "git-ai note": Target(git_ai_note, _notes, (b"\n---\n", b"  s_", b"::t_", b'"prompts": {', b"1-9,", b"null"), 6),
    "agent trace": Target(
        agent_trace,
        lambda: (trace("a.py"), trace("/top/b", model="x/y", url="file:///a/b", over="ai", version="1.2") * 2),
        (b'"contributor":', b'"mixed"', b"[]", b"null", b'"path": "../', b"+01:00", b"9" * 400),
        6,
    ),
    "git-ai log": Target(
        git_ai_log, lambda: (_CHECKPOINT * 2, _CHECKPOINT.replace(b"AiAgent", b"Human")), (b"AiTab", b"null", b"[]"), 4
    ),
    "statement": Target(statement, lambda: (b"a\nb\nc", "é\n\U00010000\n\ufb33\n\x7f\n\\".encode(), b""), (), 5),
}
