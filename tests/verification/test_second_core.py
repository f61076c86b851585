"""What makes long ranges quick changes no verdict: not the child that checks ahead, nor its end, nor what is kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from sox_hooks.core.sshwire import put_string
from sox_hooks.record import quick, record, sshsig
from sox_hooks.verification import second_core
from sox_hooks.verification.second_core import SecondCore, checked_ahead
from tests.record.software_keys import KINDS, software_key
from tests.record.software_keys import sshsig as make_sshsig
from tests.stage import ALICE, BOB, MALLORY, SECRET, Stage, edited

RSA = BOB.replace(id="rsa", email="rsa@bank.example", key=software_key("ssh-rsa"))
TOUCH = BOB.replace(id="touch", email="touch@bank.example", key=software_key("sk-ssh-ed25519@openssh.com"))
CLAUDE = ("claude-code@2.1.0:claude-opus-4-8",)

# Each way of judging the same range, in one process of a single thread, as the command has.
SCRIPT = """
import json, os, signal, sys
from sox_hooks.git.room import CleanRoom
from sox_hooks.git.run import Git, clean_environment
from sox_hooks.record import record, sshsig, statement
from sox_hooks.verification import authenticate, history, law, second_core
from sox_hooks.verification.gate import open_gate
from sox_hooks.verification.landed import open_landed

git = Git(env=clean_environment(os.environ))
answer, said = second_core.SecondCore.answer, []

def judged():
    said.clear()
    with CleanRoom(git) as room:
        run = open_gate(git, room, ("main..work",), "")
        pending = [repr(one) for one in run.verdicts()]
        landed = [repr(one) for one in open_landed(git, room, "work", ()).verdicts()]
    return pending, landed, len(said), sum(said)

def listening(core):
    said.append(answer(core))
    return said[-1]

def unreliable(deed):
    def answering(core):
        if len(said) == 5:
            os.kill(core._child, deed)
        return listening(core)
    return answering

class Nothing(dict):
    def __setitem__(self, key, value):
        pass

found = {}
second_core._WORTH, second_core._AHEAD, second_core._ANSWERS = 2, 8, 1
second_core._can_fork = lambda: False
found["one core"] = judged()
second_core._can_fork = lambda: True
second_core.SecondCore.answer = listening
found["two cores"] = judged()
second_core.SecondCore.answer = unreliable(signal.SIGKILL)
found["killed"] = judged()
second_core._PATIENCE = 20
second_core.SecondCore.answer = unreliable(signal.SIGSTOP)
found["stopped"] = judged()
second_core._can_fork = lambda: False
history.read = record.read
authenticate.payload = statement.payload
sshsig._read_before = Nothing()
law._kept = lambda memory, key, value, size=0: value
found["the long way"] = judged()
json.dump(found, sys.stdout)
"""


def every_status(stage: Stage) -> None:
    """Commits of every status, in an order in which something is kept when the next one could be mistaken for it."""
    number = 0

    def one(*words, **keywords):
        nonlocal number
        number += 1
        return stage.record({f"docs/{number % 3}": f"{number}\n"}, *words, **keywords)

    for _ in range(3):
        one()
    one(claim="assisted", tools=CLAUDE)
    one(claim="assisted", tools=("cursor",))
    one(claim="assisted", tools=CLAUDE)
    one(by=BOB)
    one(by=RSA)
    one(by=TOUCH)
    one(by=MALLORY)
    one(key=BOB.key)  # Bob signs for Alice
    one(key=software_key("ssh-ed25519", 99))
    one(author="ng@bank.example", signed_for=ALICE.email)
    one(repository="old/ledger")
    one(repository="somebody/else")
    one(author="bob@bank.example")
    one(change="A" * 43)
    one(change="A" * 43, patch="A" * 43)
    one("Add\n\nCo-authored-by: Cursor <cursoragent@cursor.com>")
    one("Caf\u00e9", claim="undeclared")
    one("Generated with Claude Code\n\nText: with a colon <and more>\n\nSigned-off-by: A <a@b>")
    for old, new in (
        (b"AI-Assistance: none", b"AI-Assistance: assisted"),
        (b"AI-Assistance: none\n", b"AI-Assistance: none\nAI-Assistance: none\n"),
        (b"Sox-Record: v1", b"Sox-Record: v2"),
        (b"\nSox-Signature", b"\nCo-authored-by: Claude <noreply@anthropic.com>\nSox-Signature"),
        (b" log=", b" log=x"),
        (b"Sox-Signature:\n U", b"Sox-Signature:\n V"),
    ):
        one(edit=lambda text, old=old, new=new: text.replace(old, new))
    stage.record({SECRET: edited((3, "x"))}, claim="assisted", tools=CLAUDE)
    stage.record({SECRET: edited((4, "x"))})
    stage.commit("No record", {"docs/none": "x\n"})
    good = one()
    stage.git("commit", "-q", "--allow-empty", "--no-verify", "-F", "-", data=stage.message(good))  # a copied record
    stage.record(message="Nothing changes")
    stage.git("checkout", "-q", "-b", "side")
    stage.record({"docs/side": "x\n"})
    stage.git("checkout", "-q", "work")
    one()
    stage.git("merge", "-q", "--no-edit", "--no-verify", "side")
    tree = stage.git("rev-parse", "HEAD^{tree}")
    parent = stage.git("rev-parse", "HEAD")
    who = "Alice <alice@bank.example> 1700000000 +0000"
    raw = f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\nencoding x\nencoding y\n\nTwo of a kind\n"
    broken = stage.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=raw.encode())
    stage.git("update-ref", "HEAD", broken)
    one()


def test_all_ways_of_judging_agree(bare_stage):
    stage = bare_stage.begin((ALICE, BOB, RSA, TOUCH), former=("old/ledger",))
    stage.branch("work")
    every_status(stage)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT], cwd=stage.repo.path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    one = found["one core"]
    for way, (pending, landed, _, _) in found.items():
        assert (way, pending) == (way, one[0])
        assert (way, landed) == (way, one[1])
    statuses = {text.split("status='")[1].split("'")[0] for text in one[0]}
    assert statuses == {"verified", "denied", "unrecorded", "unbound", "forged", "unverifiable"}
    assert "relation='same-patch'" in "".join(one[0])
    # The child was asked, and did a good part of the work; where it ended early it did less.
    asked, yes = found["two cores"][2:]
    assert 0 < yes < asked
    assert found["killed"][3] < yes
    assert found["stopped"][3] < yes


@pytest.fixture
def core():
    import threading

    if threading.active_count() > 1:
        pytest.skip("a fork of several threads is refused")
    child = SecondCore()
    yield child
    child.close()


def test_no_child_where_there_is_one_core_or_several_threads(monkeypatch):
    monkeypatch.setattr(second_core, "SecondCore", lambda: pytest.fail("forked"))
    monkeypatch.setattr(second_core, "_WORTH", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert list(checked_ahead(["a", "b"], lambda: "bank/ledger")) == [("a", ""), ("b", "")]
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    with monkeypatch.context() as patched:
        patched.setattr(os, "listdir", lambda _: ["1", "2"])
        assert list(checked_ahead(["a"], lambda: "bank/ledger")) == [("a", "")]


def test_no_child_where_none_can_be_made(monkeypatch):
    def refused():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    before = os.listdir("/proc/self/fd")
    monkeypatch.setattr(os, "fork", refused)
    monkeypatch.setattr(second_core, "_can_fork", lambda: True)
    monkeypatch.setattr(second_core, "_WORTH", 1)
    assert list(checked_ahead(["a", "b"], lambda: "bank/ledger")) == [("a", ""), ("b", "")]
    assert os.listdir("/proc/self/fd") == before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


MESSAGE = b"DSSEv1 28 application/vnd.in-toto+json 2 {}"


@pytest.mark.parametrize("kind", KINDS)
def test_blobs_with_a_known_beginning_are_read_as_by_themselves(kind, monkeypatch):
    """Of one key, and of each mutation at every byte before the value: what is remembered must not let any through."""
    blob = make_sshsig(software_key(kind), MESSAGE)
    first = sshsig.parse(blob)
    assert sshsig.parse(blob) == first
    others = [blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :] for at in range(len(blob))]
    others += [blob[:-1], blob + b"\0", blob[:-64], blob[:-65] + blob[-64:], blob[-64:], b"", blob + put_string(b"")]
    quickly = [outcome(other) for other in others]
    monkeypatch.setattr(sshsig, "_read_before", {})
    alone = []
    for other in others:
        sshsig._read_before.clear()
        alone.append(outcome(other))
    assert quickly == alone


def outcome(blob):
    try:
        return sshsig.parse(blob)
    except sshsig.BadSignature as error:
        return str(error)


@pytest.mark.parametrize("name", ["killed", "as asked"])
def test_answers_come_in_order_and_none_comes_from_the_dead(name, core):
    key = software_key("ssh-ed25519", 1)
    blob = make_sshsig(key, MESSAGE)
    questions = [(blob, MESSAGE), (blob, MESSAGE + b"x"), (b"", MESSAGE), (blob, b""), (blob, MESSAGE)] * 200
    if name == "killed":
        os.kill(core._child, signal.SIGKILL)
        os.waitid(os.P_PID, core._child, os.WEXITED | os.WNOWAIT)
        core.ask(*questions[0])
        assert {core.answer() for _ in questions} == {False}
        return
    assert {core.ask(*question) for question in questions} == {True}
    assert [core.answer() for _ in questions] == [True, False, False, False, True] * 200


PLAIN = (
    b"Subject\n\nBody\n\nSigned-off-by: A <a@b>\nAI-Assistance: assisted\nAssisted-by: cursor\nassisted-by:x@1:m \n"
    b"Sox-Record: v1 2026-11-23T14:02:11Z\n policy=" + b"5f" * 20 + b"\n change=" + b"A" * 43 + b"\n patch=" + b"E" * 43
    + b"\n log=abcdefabcdef.7." + b"0f" * 16 + b"\n amend=" + b"A" * 43 + b"\nSox-Signature:\n U1NIU0lH\n AAAA\n"
)  # fmt: skip
ODD_BYTES = (b"\n", b" ", b"\0", b"=", b"")
ODD_LINES = (b"\r", b" x", b"AI-ASSISTANCE: none", b"Assisted-By:\tx", b" policy=1", b" a-b=1", b"\xff")


def test_the_plain_form_is_recognised_and_read_the_same():
    assert quick._plain(PLAIN) == record.read(PLAIN).record
    assert quick._plain(PLAIN) is not None


def test_no_change_of_a_byte_or_a_line_makes_a_difference():
    texts = [
        PLAIN[:at] + byte + PLAIN[at + 1 :] for at in range(len(PLAIN)) for byte in (b"\n", b" ", b"\0", b"=", b"")
    ]
    lines = PLAIN.split(b"\n")
    for at in range(len(lines) + 1):
        for line in (
            *lines,
            b"\r",
            b" x",
            b"AI-ASSISTANCE: none",
            b"Assisted-By:\tx",
            b" policy=1",
            b" a-b=1",
            b"\xff",
        ):
            texts.append(b"\n".join([*lines[:at], line, *lines[at:]]))
            texts.append(b"\n".join([*lines[:at], line, *lines[at + 1 :]]))
    different = [text for text in texts if quick.read(text) != record.read(text)]
    assert different == []
