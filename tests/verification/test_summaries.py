"""Squashes whose head is gone, carried by what CI saw and signed."""

from __future__ import annotations

import json

import pytest

from sox_hooks.__main__ import main
from sox_hooks.core.sshwire import decode_base64, encode_base64
from sox_hooks.record.signing import find_key
from sox_hooks.verification.envelope import envelope, signed_bytes, writer
from sox_hooks.verification.summaries import write_summaries
from sox_hooks.verification.summary import Summary
from tests.record.software_keys import software_key, sshsig
from tests.stage import ALICE, BOB, SECRET, Actor, Stage, edited, policy_files, words

CI = Actor("ci-bot", "ci@bank.example", software_key("ssh-ed25519", 7), kind="service", roles=("ci",))
OTHER = software_key("ssh-ed25519", 98)


@pytest.fixture
def squashed(repo, hermetic, monkeypatch):
    """A squashed request with CI's summary, its head gone."""
    stage = Stage(repo).begin((ALICE, BOB, CI))
    make(stage, hermetic, monkeypatch)
    return stage


def make(stage, hermetic, monkeypatch, code=0):
    stage.branch("topic")
    stage.record({"docs/a": "a\n"}, "One")
    stage.record({"docs/b": "b\n"}, "Two", claim="assisted", tools=("claude-code@2.1.0",))
    stage.head = stage.repo.head()
    stage.git("checkout", "-q", "main")
    stage.git("update-ref", "refs/pull/7/head", "topic")
    stage.git("merge", "-q", "--squash", "topic")
    stage.squash = stage.commit("Topic (#7)")
    monkeypatch.chdir(stage.repo.path)
    key = stage.key_file(CI, hermetic)
    assert main(["verify", "--landed", "main", "--write-summary", "--key", str(key)]) == code
    stage.git("update-ref", "-d", "refs/pull/7/head")
    stage.git("branch", "-D", "topic")
    stage.ref = "refs/sox/summaries/" + writer(CI.key.blob)


def put(stage, raw: bytes, commit: str = "", ref: str = "refs/sox/summaries/forged") -> None:
    """Replace all summaries by one."""
    for name in stage.git("for-each-ref", "--format=%(refname)", "refs/sox").splitlines():
        stage.git("update-ref", "-d", name)
    commit = commit or stage.squash
    blob = stage.git("hash-object", "-w", "--stdin", data=raw)
    inner = stage.git("mktree", data=f"100644 blob {blob}\t{commit}\n".encode())
    tree = stage.git("mktree", data=f"040000 tree {inner}\t{commit[:2]}\n".encode())
    stage.git("update-ref", ref, stage.git("commit-tree", tree, "-m", "x"))


def kept(stage) -> bytes:
    return stage.repo.git_bytes("cat-file", "blob", f"{stage.ref}:{stage.squash[:2]}/{stage.squash}")


def body_of(raw: bytes) -> dict:
    return json.loads(decode_base64(json.loads(raw)["payload"]))


def sealed(told: dict, key=CI.key, **options) -> bytes:
    body = json.dumps(told, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    return envelope(body, sshsig(key, signed_bytes(body), **options))


def test_a_summary_carries_a_squash_whose_head_is_gone(squashed):
    verdict = squashed.landed()[-1]
    assert words(verdict) == "verified squash"
    assert (verdict.assistance, verdict.tools) == ("assisted", ("claude-code@2.1.0",))
    assert "by a summary of" in verdict.findings[0].message
    assert squashed.head[:12] in verdict.findings[0].message


def test_what_is_kept_is_an_in_toto_summary_in_an_envelope(squashed):
    told = body_of(kept(squashed))
    assert told["_type"] == "https://in-toto.io/Statement/v1"
    assert told["predicateType"] == "https://in-toto.io/attestation/svr/v0.2"
    assert told["subject"][0]["digest"] == {"gitCommit": squashed.squash}
    assert told["predicate"]["policies"] == [{"digest": {"gitTree": squashed.git("rev-parse", "main~1:.sox")}}]
    assert all(name.startswith("ORG_SOURCE_") for name in told["predicate"]["properties"])


def test_without_the_summary_the_squash_is_unrecorded(squashed):
    squashed.git("update-ref", "-d", squashed.ref)
    assert words(squashed.landed()[-1]) == "unrecorded SOX601"


def test_signs_of_ai_in_the_message_count_beside_a_summary(squashed):
    """A summary that does not have what the message of the squash shows."""
    told = body_of(kept(squashed))
    message = "Topic (#7)\n\nCo-authored-by: Cursor <cursoragent@cursor.com>"
    squashed.git("commit", "-q", "--amend", "--no-verify", "-m", message)
    squashed.squash = told["subject"][0]["digest"]["gitCommit"] = squashed.repo.head()
    put(squashed, sealed(told))
    verdict = squashed.landed()[-1]
    assert words(verdict) == "denied SOX102 SOX302"
    assert verdict.tools == ("claude-code@2.1.0", "cursor")


def test_summaries_that_were_fetched_elsewhere_are_found(squashed):
    squashed.git("update-ref", f"refs/remotes/origin/sox/summaries/{writer(CI.key.blob)}", squashed.ref)
    squashed.git("update-ref", "-d", squashed.ref)
    assert words(squashed.landed()[-1]) == "verified squash"


def test_writing_again_adds_to_what_is_there(squashed, hermetic):
    first = kept(squashed)
    key = find_key({"sox.signingkey": (str(hermetic / "key-ci-bot"),)}, None)
    other = Summary("ab" * 20, "cd" * 20, "bank/ledger", "x", (), "", (), "2026-11-01T00:00:00Z")
    write_summaries(squashed.clean, [other], key.replace(public_blob=CI.key.blob))
    assert kept(squashed) == first
    assert squashed.git("rev-list", "--count", squashed.ref) == "2"
    assert squashed.git("cat-file", "-t", f"{squashed.ref}:ab/{'ab' * 20}") == "blob"


def other_key(stage):
    return sealed(body_of(kept(stage)), OTHER)


def developer(stage):
    return sealed(body_of(kept(stage)), ALICE.key)


def other_namespace(stage):
    return sealed(body_of(kept(stage)), namespace=b"git")


def changed(*path_and_value):
    def scenario(stage):
        told = body_of(kept(stage))
        *path, last, value = path_and_value
        place = told
        for step in path:
            place = place[step]
        place[last] = value(stage) if callable(value) else value
        return sealed(told)

    return scenario


def edited_after_signing(stage):
    outer = json.loads(kept(stage))
    body = decode_base64(outer["payload"]).replace(b"ASSISTANCE_ASSISTED", b"ASSISTANCE_NONE")
    outer["payload"] = encode_base64(body)
    return json.dumps(outer).encode()


def a_record_of_the_ci_key(stage):
    """A signature that the key made for another purpose: a commit record has another predicate type."""
    told = body_of(kept(stage))
    told["predicateType"] = "urn:sox-hooks:commit-record:v1"
    return sealed(told)


REFUSED = {
    "key that nobody knows": other_key,
    "key of a developer": developer,
    "other namespace": other_namespace,
    "edited after signing": edited_after_signing,
    "other predicate": a_record_of_the_ci_key,
    "other commit": changed("subject", 0, "digest", "gitCommit", "ab" * 20),
    "other policy": changed("predicate", "policies", 0, "digest", "gitTree", "ab" * 20),
    "other repository": changed("subject", 0, "annotations", "repository", "bank/website"),
    "from the future": changed("predicate", "timeCreated", "2999-01-01T00:00:00Z"),
    "no time": changed("predicate", "timeCreated", "soon"),
    "no squash": changed("predicate", "properties", []),
    "more than it may say": changed("predicate", "verdict", "all good"),
    "two subjects": changed("subject", lambda stage: body_of(kept(stage))["subject"] * 2),
    "numbers for texts": changed("subject", 0, "annotations", "sources", [1, 2]),
    "no JSON": lambda stage: b"{",
    "no object": lambda stage: b"[]",
    "nested without end": lambda stage: b"[" * 100_000,
    "nothing": lambda stage: b"",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_believed(squashed, name):
    put(squashed, REFUSED[name](squashed))
    assert words(squashed.landed()[-1]) == "unrecorded SOX601"


def test_the_helpers_of_these_tests_make_summaries_that_are_believed(squashed):
    put(squashed, sealed(body_of(kept(squashed))))
    assert words(squashed.landed()[-1]) == "verified squash"


@pytest.mark.parametrize(
    "someone",
    [
        CI.replace(roles=()),
        CI.replace(kind="person"),
        CI.replace(options='valid-before="20250101000000Z"'),
    ],
    ids=["no role", "a person", "expired key"],
)
def test_only_a_ci_service_with_a_valid_key_is_believed(repo, hermetic, monkeypatch, someone):
    stage = Stage(repo).begin((ALICE, BOB, someone))
    make(stage, hermetic, monkeypatch)
    assert words(stage.landed()[-1]) == "unrecorded SOX601"


def test_a_key_that_was_enrolled_after_the_squash_is_not_believed(repo, hermetic, monkeypatch):
    stage = Stage(repo).begin()
    make(stage, hermetic, monkeypatch)
    stage.record(policy_files((ALICE, BOB, CI), baseline=(stage.first,)), "Enrol CI")
    assert {one.subject: words(one) for one in stage.landed()}["Topic (#7)"] == "unrecorded SOX601"


def test_a_tier_can_refuse_squashes_with_a_summary_too(repo, hermetic, monkeypatch):
    stage = Stage(repo).begin((ALICE, BOB, CI), relations='{ open = ["same-change"] }')
    make(stage, hermetic, monkeypatch, code=1)
    assert stage.git("ls-tree", "-d", "--name-only", stage.ref) == "logs"  # and no summary
    told = {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://in-toto.io/attestation/svr/v0.2",
        "subject": [
            {
                "digest": {"gitCommit": stage.squash},
                "annotations": {"head": "x", "repository": "bank/ledger", "sources": [stage.head], "tools": []},
            }
        ],
        "predicate": {
            "verifier": {"id": "urn:sox-hooks:verify"},
            "timeCreated": "2026-11-01T00:00:00Z",
            "policies": [{"digest": {"gitTree": stage.git("rev-parse", "main~1:.sox")}}],
            "properties": ["ORG_SOURCE_SOX_SQUASH_OF_VERIFIED"],
        },
    }
    put(stage, sealed(told))
    assert words(stage.landed()[-1]) == "denied SOX615"


def test_a_squash_is_not_summarised_unless_it_is_proven(repo, hermetic, monkeypatch, capfd):
    stage = Stage(repo).begin((ALICE, BOB, CI))
    stage.commit("Bypassed", {SECRET: edited((1, "x"))})
    monkeypatch.chdir(repo.path)
    key = stage.key_file(CI, hermetic)
    assert main(["verify", "--landed", "main", "--write-summary", "--key", str(key)]) == 1
    assert "no squash" in capfd.readouterr().err
    assert stage.git("for-each-ref", "refs/sox") == ""


def test_the_same_request_again_by_another_summary(squashed, hermetic):
    """The head is gone, the change was reverted, and a second squash comes with a summary of the same sources."""
    told = body_of(kept(squashed))
    squashed.git("revert", "--no-edit", "HEAD")
    squashed.git("revert", "--no-edit", "HEAD")
    squashed.git("commit", "-q", "--amend", "--no-verify", "-m", "Topic again (#7)")
    again = squashed.repo.head()
    told["subject"][0]["digest"]["gitCommit"] = again
    raw = sealed(told)
    blob = squashed.git("hash-object", "-w", "--stdin", data=raw)
    inner = squashed.git("mktree", data=f"100644 blob {blob}\t{again}\n".encode())
    tree = squashed.git("mktree", data=f"040000 tree {inner}\t{again[:2]}\n".encode())
    squashed.git("update-ref", "refs/sox/summaries/more", squashed.git("commit-tree", tree, "-m", "x"))
    assert words(squashed.landed()[-1]) == "denied SOX614"


@pytest.mark.parametrize(
    "arguments",
    [("main", "--write-summary"), ("main", "--key", "x"), ("HEAD..HEAD", "--write-summary", "--key", "x")],
)
def test_options_that_go_together(squashed, capfd, arguments):
    landed = ["--landed"] if arguments[0] == "main" else []
    assert main(["verify", *landed, *arguments]) == 2
    assert "go together" in capfd.readouterr().err


@pytest.mark.parametrize(
    "raw",
    [
        b'{"payloadType":"x","payload":5,"signatures":[{"sig":"AAAA"}]}',
        b'{"payloadType":"x","payload":"AAAA","signatures":[{"sig":[]}]}',
        b'{"payload":"AAAA","signatures":[5]}',
        b"[" * 100_000,
        b"5",
        b"\xff",
        b"",
    ],
    ids=lambda raw: raw[:40],
)
def test_what_is_no_envelope_is_passed_over(squashed, raw):
    """Whoever may push a ref may put anything there; the run goes on without it."""
    put(squashed, raw)
    assert squashed.landed()[-1].status in ("unrecorded", "verified")
