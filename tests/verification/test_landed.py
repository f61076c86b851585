"""Protected history, judged step by step along its first parents."""

from __future__ import annotations

import json

import pytest

from sox_hooks.__main__ import main
from sox_hooks.core.errors import CannotVerify, UsageError
from sox_hooks.git.room import CleanRoom
from sox_hooks.verification.landed import open_landed
from tests.stage import ALICE, BOB, MALLORY, SECRET, Stage, edited, policy_files, words


@pytest.fixture
def stage(repo) -> Stage:
    return Stage(repo).begin()


def told(stage, *arguments) -> dict[str, str]:
    """What is said of each commit, by subject."""
    return {one.subject: words(one) for one in stage.landed(*arguments)}


def request(stage, name, *changes, by=ALICE) -> str:
    """A branch with one recorded commit a change; returns its head. `main` is checked out afterwards."""
    stage.branch(name, "main")
    for number, change in enumerate(changes):
        stage.record(change, f"{name} {number}", by=by)
    head = stage.repo.head()
    stage.git("checkout", "-q", "main")
    return head


def test_a_history_of_all_kinds(stage):
    stage.record({"docs/a": "a\n"}, "Recorded")
    request(stage, "topic", {"docs/b": "b\n"}, {"docs/c": "c\n"})
    stage.record({"docs/d": "d\n"}, "Meanwhile")
    stage.git("merge", "-q", "--no-ff", "-m", "Merge topic", "topic")
    stage.commit("Bypassed", {"docs/e": "e\n"})
    assert told(stage) == {
        "Adopt a policy": "adopted",
        "Recorded": "verified same-change",
        "Meanwhile": "verified same-change",
        "topic 0": "verified same-change",
        "topic 1": "verified same-change",
        "Merge topic": "verified merge",
        "Bypassed": "unrecorded SOX601",
    }


def test_what_lies_before_the_first_policy_is_counted_and_not_judged(repo, capfd, monkeypatch):
    stage = Stage(repo)
    for number in range(3):
        stage.commit(f"Old {number}", {"README": f"{number}\n"})
    stage.branch("side")
    stage.commit("Beside", {"docs/x": "x\n"})
    stage.commit("Adopt", policy_files())
    stage.git("checkout", "-q", "main")
    stage.git("merge", "-q", "--no-ff", "-m", "Merge the policy", "side")
    stage.record({"docs/a": "a\n"}, "Recorded")
    monkeypatch.chdir(repo.path)
    assert main(["verify", "--landed", "main", "--format", "json"]) == 0
    report = json.loads(capfd.readouterr().out)
    assert report["checked"]["before the first policy"] == "5 commits"
    assert report["checked"]["keys judged at"] == "the time that each record claims"
    assert [one["status"] for one in report["commits"]] == ["adopted", "verified"]


def test_who_is_enrolled_later_or_leaves_later_is_judged_by_the_policy_of_the_step(stage):
    request(stage, "early", {"docs/early": "x\n"}, by=MALLORY)
    stage.git("merge", "-q", "--no-ff", "-m", "Merge early", "early")
    stage.record(policy_files((ALICE, BOB, MALLORY), baseline=(stage.first,)), "Mallory joins")
    stage.record({"docs/in-time": "x\n"}, "In time", by=MALLORY)
    stage.record(policy_files((ALICE, BOB), baseline=(stage.first,)), "Mallory leaves")
    stage.record({"docs/late": "x\n"}, "Late", by=MALLORY)
    found = told(stage)
    assert found["early 0"] == "forged SOX605"
    assert found["In time"] == "verified same-change"
    assert found["Late"] == "forged SOX605"


def test_a_policy_does_not_govern_the_commit_that_brings_it_in(stage):
    stage.record({**policy_files(baseline=(stage.first,), cursor="approved"), "src/app.py": "x\n"}, "Relax")
    stage.record({"src/app.py": "y\n"}, "Use it", claim="assisted", tools=("cursor",))
    stage.record(
        {**policy_files(baseline=(stage.first,), cursor="prohibited"), "src/app.py": "z\n"},
        "Forbid and use",
        claim="assisted",
        tools=("cursor",),
    )
    stage.record({"src/app.py": "n\n"}, "Use it again", claim="assisted", tools=("cursor",))
    found = told(stage)
    assert found["Use it"] == "verified same-change"
    assert "SOX302" in found["Use it again"]


def test_keys_are_judged_at_the_time_that_the_record_claims(stage):
    limited = ALICE.replace(options='valid-before="20260601000000Z"')
    stage.record(policy_files((limited, BOB), baseline=(stage.first,)), "Limit the key")
    stage.record({"docs/a": "a\n"}, "In time", moment="2026-05-01T00:00:00Z")
    stage.record({"docs/b": "b\n"}, "Too late", moment="2026-07-01T00:00:00Z")
    found = told(stage)
    assert found["In time"] == "verified same-change"
    assert found["Too late"] == "forged SOX606"


def test_a_merged_policy_governs_from_the_merge_on(stage):
    """The policy came in through a branch: commits of that branch are still judged by the one before."""
    stage.branch("law", "main")
    stage.record(policy_files((ALICE, BOB, MALLORY), baseline=(stage.first,)), "Mallory joins")
    stage.record({"docs/a": "a\n"}, "Too early", by=MALLORY)
    stage.git("checkout", "-q", "main")
    stage.git("merge", "-q", "--no-ff", "-m", "Merge law", "law")
    stage.record({"docs/b": "b\n"}, "In time", by=MALLORY)
    found = told(stage)
    assert found["Too early"] == "forged SOX605"
    assert found["In time"] == "verified same-change"


def test_taking_the_policy_away_switches_nothing_off(stage):
    stage.git("rm", "-rq", ".sox")
    stage.commit("No policy")
    stage.commit("Bypassed", {"docs/x": "x\n"})
    stage.commit("Another policy", policy_files((MALLORY,)))
    assert told(stage) == {
        "Adopt a policy": "adopted",
        "No policy": "unrecorded SOX601",
        "Bypassed": "unrecorded SOX601",
        "Another policy": "unrecorded SOX601",
    }


def test_a_policy_that_cannot_be_used_gives_no_verdicts_until_it_is_mended(stage):
    stage.record({".sox/policy.toml": "[policy\n"}, "Break it")
    stage.record({"docs/a": "a\n"}, "Under the broken one")
    stage.record(policy_files(baseline=(stage.first,)), "Mend it")
    stage.record({"docs/b": "b\n"}, "Afterwards")
    assert told(stage) == {
        "Adopt a policy": "adopted",
        "Break it": "verified same-change",
        "Under the broken one": "unverifiable SOX623",
        "Mend it": "unverifiable SOX623",
        "Afterwards": "verified same-change",
    }


def test_an_older_policy_does_not_come_back_unseen(stage):
    stage.record(policy_files(baseline=(stage.first,), version=3), "Third")
    stage.record(policy_files(baseline=(stage.first,), version=2), "Back to the second")
    stage.record(policy_files(baseline=(stage.first,), version=3, mode="warn"), "Third, in other words")
    found = told(stage)
    assert found["Third"] == "verified same-change"
    assert found["Back to the second"] == "denied SOX014"
    assert found["Third, in other words"] == "verified same-change"


def test_the_left_end_leaves_out_what_was_judged_before(stage):
    stage.commit("Bypassed", {"docs/x": "x\n"})
    stage.git("tag", "seen")
    stage.record({"docs/a": "a\n"}, "New")
    assert told(stage, "seen..main") == {"New": "verified same-change"}


def test_a_record_is_good_once(stage):
    stage.record({"src/app.py": "new\n"}, "Change")
    stage.git("tag", "seen")
    message = stage.message()
    stage.record({"src/app.py": edited()}, "Take it back")
    stage.repo.write("src/app.py", "new\n")
    stage.git("add", "-A")
    again = stage.commit_tree(stage.git("write-tree"), (stage.repo.head(),), message)
    stage.git("reset", "-q", "--hard", again)
    assert words(stage.landed()[-1]) == "denied SOX614"
    assert words(stage.landed("seen..main")[-1]) == "denied SOX614"


def test_the_version_of_the_step_is_the_least(stage):
    old = stage.git("rev-parse", "main:.sox")
    request(stage, "topic", {"docs/a": "a\n"})
    stage.record(policy_files(baseline=(stage.first,), version=2), "Newer")
    stage.git("merge", "-q", "--no-ff", "-m", "Merge topic", "topic")
    stage.record({"docs/b": "b\n"}, "Under the old one", policy=old)
    found = told(stage)
    assert found["topic 0"] == "verified same-change"
    assert found["Under the old one"] == "denied SOX613"


def test_a_policy_of_the_future_governed_nobody_yet(stage):
    stage.branch("later")
    stage.record(policy_files(baseline=(stage.first,), version=2), "Newer")
    later = stage.git("rev-parse", "HEAD:.sox")
    stage.git("checkout", "-q", "main")
    stage.record({"docs/a": "a\n"}, "Ahead of its time", policy=later)
    stage.git("merge", "-q", "--no-ff", "-m", "Merge", "later")
    stage.record({"docs/b": "b\n"}, "Now", policy=later)
    found = told(stage)
    assert found["Ahead of its time"] == "denied SOX613"
    assert found["Now"] == "verified same-change"


def test_branches_that_hang_on_each_other_come_in_with_their_own_step(stage):
    """`two` began on `one`; `two` is merged after a change of the policy, and only its own commits come in then."""
    request(stage, "one", {"docs/one": "x\n"}, by=BOB)
    stage.git("checkout", "-q", "one")
    stage.branch("two", "one")
    stage.record({"docs/two": "x\n"}, "two 0", by=BOB)
    stage.git("checkout", "-q", "main")
    stage.git("merge", "-q", "--no-ff", "-m", "Merge one", "one")
    stage.record(policy_files((ALICE,), baseline=(stage.first,)), "Bob leaves")
    stage.git("merge", "-q", "--no-ff", "-m", "Merge two", "two")
    found = told(stage)
    assert found["one 0"] == "verified same-change"
    assert found["two 0"] == "forged SOX605"


def import_another(repo) -> tuple[Stage, str]:
    """A project that came with a history of its own, all but the last commit of which are exempt."""
    stage = Stage(repo)
    stage.commit("Begin", {"README": "x\n"})
    stage.git("checkout", "-q", "--orphan", "imported")
    stage.git("rm", "-rfq", ".")
    stage.commit("Imported", {"lib/a": "a\n"})
    stage.commit("Imported too", {"lib/b": "b\n"})
    imported = stage.repo.head()
    stage.commit("Not exempt", {"lib/c": "c\n"})
    stage.git("checkout", "-q", "main")
    return stage, imported


def test_what_the_baseline_reaches_is_exempt_wherever_it_comes_in(repo, monkeypatch, capfd):
    stage, imported = import_another(repo)
    stage.commit("Adopt", policy_files(baseline=(stage.repo.head(), imported)))
    stage.git("merge", "-q", "--no-ff", "--allow-unrelated-histories", "-m", "Import", "imported")
    assert told(stage) == {"Adopt": "adopted", "Not exempt": "unrecorded SOX601", "Import": "verified merge"}
    monkeypatch.chdir(repo.path)
    assert main(["verify", "--landed", "main", "--format", "json"]) == 1
    report = json.loads(capfd.readouterr().out)
    assert report["checked"]["exempt by the baseline"] == "2 commits"
    told_of = len(report["commits"]) + 2 + int(report["checked"]["before the first policy"].split()[0])
    assert told_of == int(stage.git("rev-list", "--count", "main"))


def test_what_is_exempt_is_counted_by_the_policy_of_the_step(repo):
    """The baseline comes to know the import one step before it; there are more steps of the policy after it."""
    stage, imported = import_another(repo)
    begin = stage.repo.head()
    stage.commit("Adopt", policy_files(baseline=(begin,)))
    stage.git("tag", "seen")
    stage.record(policy_files(baseline=(begin, imported), version=2), "Wider")
    stage.git("merge", "-q", "--no-ff", "--allow-unrelated-histories", "-m", "Import", "imported")
    stage.record(policy_files(baseline=(begin, imported), version=3), "Again")
    stage.record({"docs/a": "a\n"}, "After")
    with CleanRoom(stage.clean) as room:
        for word in ("main", "seen..main"):
            run = open_landed(stage.clean, room, word, ())
            before = run.landed.before or 2
            assert run.landed.exempt == 2
            assert len(list(run.verdicts())) + before + 2 == 9
        assert open_landed(stage.clean, room, "main~1..main", ()).landed.exempt == 0


@pytest.mark.parametrize("word", ["main...HEAD", "^main", "--all"])
def test_what_is_no_range(stage, word):
    with pytest.raises(UsageError):
        stage.landed(word)


def test_without_any_policy_nothing_can_be_verified(repo):
    stage = Stage(repo)
    stage.commit("Begin", {"README": "x\n"})
    with pytest.raises(CannotVerify, match="never had a policy"):
        stage.landed()


@pytest.mark.parametrize(
    "arguments",
    [("--landed", "main", "--policy-ref", "main"), ("--landed", "main", "work"), ("main..HEAD", "--squash-of", "HEAD")],
)
def test_options_that_do_not_go_together(stage, monkeypatch, capfd, arguments):
    monkeypatch.chdir(stage.repo.path)
    assert main(["verify", *arguments]) == 2
    assert "fix:" in capfd.readouterr().err


# Squashed requests


def squash(stage, head, message, **env) -> str:
    """What a forge's button does."""
    stage.git("merge", "-q", "--squash", head)
    return stage.commit(message, **env)


def test_a_squash_is_proven_by_the_head_of_its_request(stage):
    head = request(stage, "topic", {"docs/a": "a\n"}, {"docs/b": "b\n"})
    stage.branch("with-ai", head)
    head = stage.record({"docs/c": "c\n"}, "With AI", by=BOB, claim="assisted", tools=("claude-code@2.1.0",))
    stage.git("checkout", "-q", "main")
    stage.git("update-ref", "refs/pull/7/head", head)
    stage.record({"docs/meanwhile": "x\n"}, "Meanwhile")
    squash(stage, head, "Topic (#7)\n\n* topic 0\n\n* topic 1")
    verdict = stage.landed()[-1]
    assert words(verdict) == "verified squash"
    assert (verdict.assistance, verdict.tools, verdict.signer) == ("assisted", ("claude-code@2.1.0",), "")
    (note,) = verdict.findings
    assert (note.rule, note.severity) == ("SOX622", "note")
    assert "refs/pull/7/head" in note.message
    assert head[:12] in note.message


@pytest.mark.parametrize(
    "ref",
    [
        "refs/pull/7/head",
        "refs/merge-requests/7/head",
        "refs/remotes/origin/pull/7/head",
        "refs/remotes/origin/merge-requests/7/head",
        "refs/remotes/origin/pr/7",
    ],
)
@pytest.mark.parametrize("message", ["Topic (#7)", "Topic\n\nSee merge request bank/ledger!7", "Topic without number"])
def test_where_heads_are_found(stage, ref, message):
    head = request(stage, "topic", {"docs/a": "a\n"}, {"docs/b": "b\n"})
    stage.git("update-ref", ref, head)
    stage.git("branch", "-D", "topic")
    squash(stage, head, message)
    assert words(stage.landed()[-1]) == "verified squash"


def test_a_head_can_be_named(stage):
    head = request(stage, "topic", {"docs/a": "a\n"}, {"docs/b": "b\n"})
    squash(stage, head, "Topic")
    assert words(stage.landed()[-1]) == "unrecorded SOX601"
    assert words(stage.landed("main", head)[-1]) == "verified squash"


def test_a_squash_may_quote_the_record_of_its_last_commit(stage):
    """GitHub puts the messages of all commits into the body: the last record ends up in the final paragraph."""
    head = request(stage, "topic", {"docs/a": "a\n"}, {"docs/b": "b\n"})
    stage.git("update-ref", "refs/pull/7/head", head)
    quoted = stage.message(head).decode()
    squash(stage, head, f"Topic (#7)\n\n* topic 0\n\n* {quoted}")
    assert words(stage.landed()[-1]) == "verified squash"
    stage.git("update-ref", "-d", "refs/pull/7/head")
    assert words(stage.landed()[-1]) == "unbound SOX608"


SIGNS = {
    "of nobody": ("Thanks to all", "verified squash", "none", ()),
    "of a tool that no source has": (
        "Co-authored-by: Claude <noreply@anthropic.com>", "verified squash SOX102", "assisted", ("claude-code",)
    ),
    "of a tool that is forbidden": (
        "Co-authored-by: Cursor <cursoragent@cursor.com>", "denied SOX102 SOX302", "assisted", ("cursor",)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SIGNS)
def test_signs_of_ai_in_the_message_of_a_squash_count(stage, name):
    """Whoever presses the button may add to the message: the claim is the strongest of the sources and of that."""
    line, expected, assistance, tools = SIGNS[name]
    head = request(stage, "topic", {"src/api/a": "a\n"}, {"src/api/b": "b\n"})
    stage.git("update-ref", "refs/pull/7/head", head)
    squash(stage, head, f"Topic (#7)\n\n{line}")
    verdict = stage.landed()[-1]
    assert (words(verdict), verdict.assistance, verdict.tools) == (expected, assistance, tools)


def test_a_squash_that_quotes_somebody_elses_record_is_none(stage):
    other = stage.record({"docs/other": "x\n"}, "Other", by=BOB)
    head = request(stage, "topic", {"docs/a": "a\n"}, {"docs/b": "b\n"})
    stage.git("update-ref", "refs/pull/7/head", head)
    squash(stage, head, f"Topic (#7)\n\n{stage.message(other).decode()}")
    assert words(stage.landed()[-1]) == "forged SOX612"


def test_a_tampered_squash_is_unrecorded(stage):
    head = request(stage, "topic", {"docs/a": "a\n"}, {"docs/b": "b\n"})
    stage.git("update-ref", "refs/pull/7/head", head)
    stage.git("merge", "-q", "--squash", head)
    stage.commit("Topic (#7)", {"docs/b": "b and more\n"})
    assert words(stage.landed()[-1]) == "unrecorded SOX601"


def test_a_squash_of_what_is_not_all_verified_is_unrecorded(stage):
    stage.branch("topic")
    stage.record({"docs/a": "a\n"}, "Recorded")
    head = stage.commit("Bypassed", {"docs/b": "b\n"})
    stage.git("checkout", "-q", "main")
    stage.git("update-ref", "refs/pull/7/head", head)
    squash(stage, head, "Topic (#7)")
    assert words(stage.landed()[-1]) == "unrecorded SOX601"


def test_a_tier_can_refuse_squashes(repo):
    stage = Stage(repo).begin(relations='{ restricted = ["same-change"] }')
    head = request(stage, "topic", {SECRET: edited((3, "x"))}, {SECRET: edited((3, "y"))})
    stage.git("update-ref", "refs/pull/7/head", head)
    squash(stage, head, "Topic (#7)")
    assert words(stage.landed()[-1]) == "denied SOX615"


def test_the_same_request_squashed_again_after_a_revert(stage):
    head = request(stage, "topic", {"src/app.py": edited((3, "x"))}, {"src/app.py": edited((5, "y"))})
    stage.git("update-ref", "refs/pull/7/head", head)
    squash(stage, head, "Topic (#7)")
    stage.git("revert", "--no-edit", "HEAD")
    squash(stage, head, "Topic again (#7)")
    found = told(stage)
    assert found["Topic (#7)"] == "verified squash"
    assert found['Revert "Topic (#7)"'] == "verified revert"
    assert found["Topic again (#7)"] == "denied SOX614"


@pytest.mark.parametrize("resigned", [False, True], ids=["old records", "new records"])
def test_the_same_request_squashed_again_in_a_later_range(stage, resigned):
    """The job after each push looks at that push only: what came in before is told by its tree."""
    old = "2020-01-01T00:00:00Z"
    stage.branch("topic", "main")
    stage.record({"src/app.py": edited((3, "x"))}, "One", moment=old)
    head = stage.record({"src/app.py": edited((3, "x"), (5, "y"))}, "Two", moment=old)
    stage.git("checkout", "-q", "main")
    stage.record({"src/app.py": edited((30, "meanwhile"))}, "Meanwhile")
    stage.git("update-ref", "refs/pull/7/head", head)
    squash(stage, head, "Topic (#7)", GIT_COMMITTER_DATE="2021-01-01T00:00:00Z")
    stage.git("revert", "--no-edit", "HEAD")
    stage.git("tag", "seen")
    if resigned:
        later = "2022-01-01T00:00:00Z"
        trees = [stage.git("rev-parse", f"topic{back}^{{tree}}") for back in ("~1", "")]
        first = stage.record_tree(trees[0], (stage.git("rev-parse", "topic~2"),), "One", moment=later)
        head = stage.record_tree(trees[1], (first,), "Two", moment=later)
        stage.git("update-ref", "refs/pull/7/head", head)
    squash(stage, head, "Topic again (#7)")
    found = told(stage, "seen..main")
    assert found == {"Topic again (#7)": "verified squash" if resigned else "denied SOX614"}


def test_a_merge_queue_that_squashes_one_after_the_other(stage):
    heads = [request(stage, f"topic-{n}", {f"docs/{n}/a": "a\n"}, {f"docs/{n}/b": "b\n"}) for n in range(3)]
    for number, head in enumerate(heads):
        stage.git("update-ref", f"refs/pull/{number}/head", head)
        squash(stage, head, f"Topic (#{number})")
    assert [words(one) for one in stage.landed()[1:]] == ["verified squash"] * 3


def test_a_squash_on_a_wrong_base_that_reverts_other_work_is_unrecorded(stage):
    """As a forge did once: the tree is right for an older base, and silently takes back what came since."""
    head = request(stage, "topic", {"docs/a": "a\n"}, {"docs/b": "b\n"})
    stage.git("update-ref", "refs/pull/7/head", head)
    stage.record({"src/app.py": edited((3, "other work"))}, "Other work")
    wrong = stage.commit_tree(f"{head}^{{tree}}", (stage.repo.head(),), b"Topic (#7)\n")
    stage.git("reset", "-q", "--hard", wrong)
    assert words(stage.landed()[-1]) == "unrecorded SOX601"


# Reverts through a forge's button: its message gives no commit id


def undo(stage, message, *, of="HEAD") -> str:
    """What squashing the request of a revert gives: exactly its tree, under another message."""
    stage.git("revert", "--no-edit", *(("-m", "1") if stage.git("rev-list", "--merges", "-1", of) == of else ()), of)
    stage.git("commit", "-q", "--amend", "--no-verify", "-m", message)
    return stage.repo.head()


FORGES = {
    "GitHub": ("Topic (#7)", 'Revert "Topic (#7)" (#9)\n\nReverts bank/ledger#7'),
    "GitHub, subject only": ("Topic (#7)", 'Revert "Topic (#7)" (#9)'),
    "GitHub, number only": ("Topic (#7)", "Take it out again (#9)\n\nReverts bank/ledger#7\n"),
    "GitHub, quotes": ('Say "yes" (#7)', 'Revert "Say "yes" (#7)" (#9)'),
    "GitLab": ("Topic\n\nSee merge request bank/ledger!7", 'Revert "Topic"\n\nThis reverts merge request !7'),
    "GitLab, number only": ("Topic\n\nSee merge request bank/ledger!7", "Out\n\nThis reverts merge request !7"),
}


@pytest.mark.parametrize("name", FORGES)
def test_a_revert_whose_message_gives_no_id(stage, name):
    landed, message = FORGES[name]
    stage.record({"src/app.py": edited((3, "x"))}, landed)
    taken = stage.repo.head()
    stage.record({"src/app.py": edited((3, "x"), (30, "later"))}, "Later")
    undo(stage, message, of=taken)
    verdict = stage.landed()[-1]
    assert words(verdict) == "verified revert"
    assert f"reverts {taken[:12]} exactly" in verdict.findings[-1].message


def test_a_revert_of_a_revert_without_ids(stage):
    stage.record({"src/app.py": edited((3, "x"))}, "Topic (#7)")
    undo(stage, 'Revert "Topic (#7)" (#9)')
    undo(stage, 'Reapply "Topic (#7)" (#10)')
    undo(stage, 'Revert "Reapply "Topic (#7)" (#10)" (#11)')
    undo(stage, 'Revert "Revert "Reapply "Topic (#7)" (#10)" (#11)" (#12)')
    assert [words(one) for one in stage.landed()[-4:]] == ["verified revert"] * 4


def test_a_revert_of_a_merge_without_ids(stage):
    request(stage, "topic", {"docs/a": "a\n"}, {"docs/b": "b\n"})
    stage.git("merge", "-q", "--no-ff", "-m", "Merge pull request #7 from alice/topic\n\nTopic", "topic")
    undo(stage, 'Revert "Topic" (#9)\n\nReverts bank/ledger#7', of=stage.repo.head())
    assert words(stage.landed()[-1]) == "verified revert"


def test_of_several_with_one_subject_that_which_fits_is_reverted(stage):
    for number in range(4):
        stage.record({f"docs/{number}": "x\n"}, "Update")
    undo(stage, 'Revert "Update"', of=stage.repo.head("HEAD~2"))
    assert words(stage.landed()[-1]) == "verified revert"


def a_line_more(stage):
    undo(stage, 'Revert "Topic (#7)" (#9)')
    stage.repo.write("docs/more", "x\n")
    stage.git("add", "-A")
    stage.git("commit", "-q", "--amend", "--no-verify", "--no-edit")


def of_something_else(stage):
    undo(stage, 'Revert "Another" (#9)')


def of_a_later_commit(stage):
    """The commit that the message names lands only afterwards."""
    undo(stage, 'Revert "Comes later" (#9)')
    stage.record({"src/app.py": edited((3, "x"))}, "Comes later")
    stage.count_back = 2


def of_one_too_far_back(stage):
    for number in range(9):
        stage.record({f"docs/{number}": "x\n"}, "Topic (#7)")
    undo(stage, 'Revert "Topic (#7)" (#9)', of=stage.repo.head("HEAD~9"))


@pytest.mark.parametrize("scenario", [a_line_more, of_something_else, of_a_later_commit, of_one_too_far_back])
def test_what_is_no_revert_of_what_it_says(stage, scenario):
    stage.record({"src/app.py": edited((3, "x"))}, "Topic (#7)")
    scenario(stage)
    found = stage.landed()[-getattr(stage, "count_back", 1)]
    assert words(found) == "unrecorded SOX601"
