"""CI signs how far the logs of developers have come, and only what extends what it signed before."""

from __future__ import annotations

import json

import pytest

from sox_hooks.__main__ import main
from sox_hooks.core.errors import EnvironmentProblem
from sox_hooks.core.sshwire import decode_base64
from sox_hooks.git.room import CleanRoom
from sox_hooks.record.signing import find_key
from sox_hooks.verification import countersigned, positions
from sox_hooks.verification.envelope import writer
from sox_hooks.verification.landed import open_landed
from sox_hooks.verification.summaries import Countersigned, Summaries, write_summaries
from tests.positions import keep_position
from tests.record.software_keys import software_key
from tests.stage import ALICE, BOB, Actor, Stage, policy_files, words

CI = Actor("ci-bot", "ci@bank.example", software_key("ssh-ed25519", 7), kind="service", roles=("ci",))
LOG = "0123456789ab"
REF = "refs/sox/summaries/" + writer(CI.key.blob)


def at(index: int, digest: str = "aa", log: str = LOG) -> str:
    """The value of `log=` for an entry."""
    return f"{log}.{index}.{digest * 16}"


def day(number: int) -> str:
    return f"2026-10-{number:02}T12:00:00Z"


class Branch(Stage):
    """`main`, on which work lands, and the job that looks back at it."""

    def land(self, index: int, on: int, **options) -> str:
        """A recorded commit that cites an entry, made on a day of October."""
        log = at(index, options.pop("digest", "aa"), options.pop("log", LOG))
        return self.record({f"docs/{self.count}": "x\n"}, f"{on}: {index}", log=log, moment=day(on), **options)

    def job(self, *words: str) -> int:
        """What CI runs after a push; its exit code."""
        return main(["verify", "--landed", *(words or ("main",)), "--write-summary", "--key", str(self.key)])

    def seen(self) -> dict[str, str]:
        """The positions that are signed, by their place."""
        with CleanRoom(self.clean) as room:
            policy = open_landed(self.clean, room, "main", ()).policy
            return {
                one.position.path: str(one.position.anchor) for one in Summaries(self.clean, room).positions(policy)
            }

    def told(self, word: str = "main") -> dict[str, str]:
        return {one.subject: words(one) for one in self.landed(word)}


@pytest.fixture
def branch(repo, hermetic, monkeypatch) -> Branch:
    stage = Branch(repo).begin((ALICE, BOB, CI))
    stage.key = stage.key_file(CI, hermetic)
    monkeypatch.chdir(repo.path)
    return stage


def test_the_highest_position_of_every_person_and_log_is_signed(branch, capfd):
    branch.land(3, on=1)
    branch.land(9, on=2)
    branch.land(5, on=1)
    branch.land(4, on=2, by=BOB, log="b" * 12)
    branch.commit("Bypassed", {"docs/x": "x\n"})
    assert branch.job() == 1  # for the bypass
    assert branch.seen() == {f"logs/alice/{LOG}": at(9), f"logs/bob/{'b' * 12}": at(4, log="b" * 12)}
    said = capfd.readouterr().err
    assert f"alice's log {LOG}: entry 9" in said
    assert "a log that was not seen before" in said
    assert f"2 positions in logs are on {REF}; push it: git push origin {REF}" in said


def test_only_what_extends_is_signed(branch, capfd):
    branch.land(9, on=2)
    assert branch.job() == 0
    before = branch.git("rev-parse", REF)
    branch.land(5, on=1)  # a branch that was merged late
    assert branch.job() == 0
    assert branch.git("rev-parse", REF) == before
    assert "no position in a log that is new" in capfd.readouterr().err
    branch.land(12, on=3)
    assert branch.job("HEAD~1..main") == 0
    assert branch.seen() == {f"logs/alice/{LOG}": at(12)}
    assert "entry 9 was seen before" in capfd.readouterr().err


def test_what_is_signed_is_a_statement_of_what_was_seen(branch):
    commit = branch.land(9, on=2)
    branch.job()
    outer = json.loads(branch.git("cat-file", "blob", f"{REF}:logs/alice/{LOG}"))
    told = json.loads(decode_base64(outer["payload"]))
    assert told["subject"][0]["digest"] == {"gitCommit": commit}
    assert told["subject"][0]["annotations"] == {
        "key": told["subject"][0]["annotations"]["key"],
        "log": at(9),
        "person": "alice",
        "recorded": day(2),
        "repository": "bank/ledger",
    }
    assert told["predicate"]["properties"] == ["ORG_SOURCE_SOX_LOG_POSITION_SEEN"]
    assert told["predicate"]["policies"] == [{"digest": {"gitTree": branch.git("rev-parse", "main:.sox")}}]


CONTRADICTIONS = {
    "the same entry": ((9, 2, "aa"), "verified same-change"),
    "another entry there": ((9, 2, "bb"), "denied SOX703"),
    "lower and earlier: merged in another order": ((5, 1, "bb"), "verified same-change"),
    "lower and later: put back": ((5, 3, "bb"), "denied SOX704"),
    "higher": ((10, 3, "bb"), "verified same-change"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_what_contradicts_what_was_seen(branch, name):
    """In one run over both, and where CI saw the first one before the second was merged."""
    (index, on, digest), expected = CONTRADICTIONS[name]
    branch.land(9, on=2)
    branch.git("tag", "seen")
    branch.land(index, on=on, digest=digest)
    assert branch.told()[f"{on}: {index}"] == expected
    branch.job("main")
    if expected.startswith("denied"):
        assert branch.seen() == {f"logs/alice/{LOG}": at(9)}
        assert branch.told("seen..main")[f"{on}: {index}"] == expected


def test_a_minute_of_clock_is_no_rollback(branch):
    branch.land(9, on=2)
    branch.record({"docs/y": "y\n"}, "Late", log=at(8), moment="2026-10-02T12:01:00Z")
    assert branch.told()["Late"] == "verified same-change"


def test_an_entry_that_two_commits_have_differently_shows_whatever_came_between(branch):
    """The log was put back, and has grown past where it was; the times say nothing."""
    branch.land(8, on=2)
    branch.land(9, on=2)
    branch.land(8, on=2, digest="bb")
    found = branch.told()
    assert found["2: 9"] == "verified same-change"
    assert words(branch.landed()[-1]) == "denied SOX703"


def test_the_log_of_one_person_says_nothing_about_that_of_another(branch):
    """Bob signs the number of Alice's log, far ahead: her own work must not look rolled back."""
    branch.land(900, on=1, by=BOB, digest="bb")
    assert branch.job() == 0
    branch.land(9, on=2)
    assert branch.told()["2: 9"] == "verified same-change"


def test_a_new_log_of_a_known_person_is_told_once(branch):
    branch.land(9, on=2)
    assert branch.job() == 0
    branch.land(2, on=3, log="c" * 12)
    branch.land(3, on=4, log="c" * 12)
    found = branch.told()
    assert (found["3: 2"], found["4: 3"]) == ("verified same-change SOX705", "verified same-change")
    assert branch.job() == 0
    assert branch.told()["3: 2"] == "verified same-change"
    assert len(branch.seen()) == 2


def test_the_sources_of_a_squash_count(branch):
    branch.branch("topic")
    branch.land(7, on=1)
    branch.land(8, on=2)
    head = branch.repo.head()
    branch.git("checkout", "-q", "main")
    branch.git("update-ref", "refs/pull/7/head", head)
    branch.git("merge", "-q", "--squash", "topic")
    branch.commit("Topic (#7)")
    assert branch.job() == 0
    assert branch.seen() == {f"logs/alice/{LOG}": at(8)}
    branch.land(6, on=3)
    branch.git("update-ref", "-d", "refs/pull/7/head")
    assert branch.told()["3: 6"] == "denied SOX704"


STRANGER = software_key("ssh-ed25519", 98)
FORGED = {
    "a key that nobody knows": {"key": STRANGER},
    "a key that nobody knows, on CI's ref": {"key": STRANGER, "ref": REF},
    "a developer's key": {"key": BOB.key},
    "CI's key, on another's ref": {"key": CI.key, "ref": "refs/sox/summaries/" + "e" * 32},
    "another repository": {"key": CI.key, "repository": "bank/website"},
    "from the future": {"key": CI.key, "moment": "2999-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("name", FORGED)
def test_what_moves_no_position(branch, name):
    keep_position(branch.git, log=at(900), **FORGED[name])
    branch.land(9, on=6)
    assert branch.told()["6: 9"] == "verified same-change"


def test_each_check_is_needed(branch, monkeypatch):
    """Switched off, a log that was put back passes, and a developer's word moves a position."""
    branch.land(9, on=2)
    branch.land(5, on=3)
    with monkeypatch.context() as without:
        without.setattr(positions, "_contradiction", lambda *_: None)
        assert branch.told()["3: 5"] == "verified same-change"
    assert branch.told()["3: 5"] == "denied SOX704"
    keep_position(branch.git, BOB.key, at(900))
    assert branch.told()["2: 9"] == "verified same-change"
    monkeypatch.setattr(countersigned, "of_ci", lambda *_: True)
    branch.land(12, on=6)
    assert branch.told()["6: 12"] == "denied SOX704"


def test_the_helper_makes_what_is_believed(branch):
    keep_position(branch.git, CI.key, at(900))
    branch.land(9, on=6)
    assert branch.told()["6: 9"] == "denied SOX704"


def test_a_key_that_is_not_ci_is_told_that_nobody_will_believe_it(repo, hermetic, monkeypatch, capfd):
    stage = Branch(repo).begin((ALICE, BOB))
    stage.key = stage.key_file(CI, hermetic)
    monkeypatch.chdir(repo.path)
    stage.land(9, on=2)
    assert stage.job() == 0
    assert "nobody will believe" in capfd.readouterr().err
    assert stage.seen() == {}


def test_of_two_runs_that_read_the_same_the_second_must_read_again(branch):
    """One writer a ref: what one run has seen must not be taken back by another that began before."""
    branch.land(9, on=2)
    key = find_key({"sox.signingkey": (str(branch.key),)}, None).replace(public_blob=CI.key.blob)
    with CleanRoom(branch.clean) as room:
        slow = open_landed(branch.clean, room, "main", ())
        list(slow.verdicts())
        before = slow.summaries.refs().get(REF, "")
        branch.land(12, on=3)
        assert branch.job() == 0
        places = tuple([place for place, _ in slow.positions.extending()])
        logs = Countersigned(places, "bank/ledger", slow.policy.identity)
        with pytest.raises(EnvironmentProblem, match="another run"):
            write_summaries(branch.clean, [], key, logs, before)
    assert branch.seen() == {f"logs/alice/{LOG}": at(12)}


def test_a_policy_that_cannot_be_used_countersigns_nothing(branch, capfd):
    branch.land(9, on=2)
    branch.record({".sox/policy.toml": "[policy\n"}, "Break it")
    assert branch.job() == 0
    assert "no position" in capfd.readouterr().err


def test_a_key_that_left_still_said_what_it_said(branch):
    """A rotated CI key stays in the policy with an end; what it signed before that counts."""
    branch.land(9, on=2)
    assert branch.job() == 0
    ended = CI.replace(options='valid-before="20991231000000Z"')
    branch.record(policy_files((ALICE, BOB, ended), baseline=(branch.first,)), "End the key")
    assert branch.seen() == {f"logs/alice/{LOG}": at(9)}
    branch.record(policy_files((ALICE, BOB), baseline=(branch.first,)), "Take the key away")
    assert branch.seen() == {}
