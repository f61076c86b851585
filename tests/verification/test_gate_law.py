"""Which policy and which keys judge: those at the tip of the left end, never those of the change."""

from __future__ import annotations

import os

import pytest

from sox_hooks.core.errors import CannotVerify, ConfigError, UsageError
from tests.stage import ALICE, BOB, MALLORY, SECRET, edited, policy_files, words


def statuses(stage, *range_words, **options):
    return [words(one) for one in stage.verify(*range_words, **options)]


def test_a_key_that_the_branch_itself_enrols_is_unknown(stage):
    stage.record(policy_files((ALICE, BOB, MALLORY), baseline=(stage.first,), version=2), "Enrol me")
    stage.record({"src/app.py": "evil\n"}, by=MALLORY)
    assert statuses(stage) == ["verified same-change", "forged SOX605"]


def test_a_policy_that_the_branch_itself_relaxes_is_not_asked(stage):
    stage.record(policy_files(baseline=(stage.first,), version=2, cursor="approved"), "Approve a tool")
    stage.record({"src/app.py": "new\n"}, claim="assisted", tools=("cursor",))
    assert statuses(stage) == ["verified same-change", "denied SOX302"]


def test_a_baseline_that_the_branch_itself_moves_exempts_nothing(stage):
    evil = stage.commit("Evil", {"src/app.py": "evil\n"})
    stage.record(policy_files(baseline=(stage.first, evil), version=2), "Exempt it")
    assert statuses(stage) == ["unrecorded SOX601", "verified same-change"]


def test_the_old_branch_of_a_leaver_does_not_bring_back_her_key(stage):
    stage.record({"src/app.py": "new\n"}, by=BOB)
    assert statuses(stage) == ["verified same-change"]
    stage.git("checkout", "-q", "main")
    stage.commit("Bob leaves", policy_files((ALICE,), baseline=(stage.first,), version=2))
    assert statuses(stage, "main..work") == ["forged SOX605"]
    assert statuses(stage, "HEAD..work") == ["forged SOX605"]


def test_somebody_enrolled_on_the_target_branch_may_sign_on_an_older_branch(stage):
    old = stage.git("rev-parse", "main:.sox")
    stage.git("checkout", "-q", "main")
    stage.commit("Mallory joins", policy_files((ALICE, MALLORY), baseline=(stage.first,)))
    stage.git("checkout", "-q", "work")
    stage.record({"src/app.py": "new\n"}, by=MALLORY, policy=old)
    assert statuses(stage, "main..work") == ["verified same-change"]


def test_a_record_under_the_policy_of_the_branch_point_holds_though_the_target_has_a_newer_one(stage):
    stage.record({"src/app.py": "new\n"})
    stage.git("checkout", "-q", "main")
    stage.commit("Newer", policy_files(baseline=(stage.first,), version=2))
    assert statuses(stage, "main..work") == ["verified same-change"]


def test_policies_of_merged_branches_never_governed(stage):
    """Only first-parent commits of the protected branch count: a branch that was merged had a policy of its own."""
    stage.git("checkout", "-q", "main")
    stage.branch("side")
    stage.record(policy_files(baseline=(stage.first,), version=5), "A policy of the branch")
    own = stage.git("rev-parse", "HEAD:.sox")
    stage.record(policy_files(baseline=(stage.first,), version=1), "And back")
    stage.git("checkout", "-q", "main")
    stage.git("merge", "-q", "--no-ff", "--no-edit", "side")
    stage.git("checkout", "-q", "-B", "work")
    stage.record({"src/app.py": "new\n"}, policy=own)
    assert statuses(stage) == ["denied SOX613"]


def test_the_version_asked_for_is_that_where_the_range_leaves_protected_history(stage):
    old = stage.git("rev-parse", "main:.sox")
    stage.git("checkout", "-q", "main")
    stage.commit("Newer", policy_files(baseline=(stage.first,), version=2))
    stage.branch("old", stage.adoption)
    stage.record({"docs/a": "a\n"}, policy=old)
    stage.branch("new", "main")
    stage.record({"docs/b": "b\n"}, policy=old)
    assert statuses(stage, "main..old") == ["verified same-change"]
    assert statuses(stage, "main..new") == ["denied SOX613"]


def test_several_left_ends_need_a_policy_ref(stage):
    stage.record({"src/app.py": "new\n"})
    with pytest.raises(UsageError, match="2 left ends"):
        stage.verify("work", "^main", f"^{stage.first}")
    assert statuses(stage, "work", "^main", f"^{stage.first}", policy_ref="main") == ["verified same-change"]


def test_the_policy_ref_decides_where_it_is_given(stage):
    stage.record({"src/app.py": "new\n"}, by=BOB)
    stage.branch("strict", "main")
    stage.commit("Without Bob", policy_files((ALICE,), baseline=(stage.first,)))
    assert statuses(stage, "main..work", policy_ref="strict") == ["forged SOX605"]


@pytest.mark.parametrize(
    ("range_words", "error", "text"),
    [
        (("main...work",), UsageError, "three dots"),
        (("work",), UsageError, "no left end"),
        (("^main",), UsageError, "no right end"),
        (("--all",), UsageError, "not a revision"),
        (("main..--output=x",), UsageError, "not a revision"),
        (("-x..work",), UsageError, "not a revision"),
        (("main..wo rk",), UsageError, "not a revision"),
        (("main..work\n^work",), UsageError, "not a revision"),
        (("main..\x1b[31m",), UsageError, r"\\x1b"),
        (("0" * 40 + "..work",), UsageError, "did not exist"),
        (("main..nothing",), CannotVerify, "no commit"),
        (("1" * 40 + "..work",), CannotVerify, "no commit"),
        (("main:README..work",), CannotVerify, "no commit"),
    ],
)
def test_what_is_no_range(stage, range_words, error, text):
    with pytest.raises(error, match=text):
        stage.verify(*range_words)


def test_nothing_in_the_range_is_a_pass_that_says_so(stage):
    assert stage.verify("main..work") == []


def test_the_right_end_is_head_if_it_is_left_out(stage):
    stage.record({"src/app.py": "new\n"})
    assert statuses(stage, "main..") == ["verified same-change"]


def test_a_tag_with_the_name_of_the_target_branch_is_refused(stage):
    """git prefers refs/tags/origin/main to refs/remotes/origin/main, and many people may push tags."""
    stage.git("update-ref", "refs/remotes/origin/main", "main")
    stage.record(policy_files((ALICE, BOB, MALLORY), baseline=(stage.first,), version=9), "My own law")
    stage.git("tag", "origin/main")
    with pytest.raises(UsageError, match="ambiguous"):
        stage.verify("origin/main..HEAD")
    assert statuses(stage, "refs/remotes/origin/main..HEAD") == ["verified same-change"]


def test_no_graft_moves_an_end_of_the_range(stage):
    stage.record({"src/app.py": "one\n"})
    stage.record({"src/app.py": "two\n"})
    (stage.repo.path / ".git/info/grafts").write_text(f"{stage.repo.head()} {stage.repo.head('main')}\n")
    assert stage.git("rev-parse", "HEAD~1") == stage.repo.head("main")
    assert len(stage.verify("HEAD~1..HEAD")) == 1


@pytest.mark.parametrize("where", ["replace", "grafts", "shallow", "attributes", "config", "mailmap"])
def test_nothing_in_the_clone_has_a_say(stage, where):
    stage.commit("Unrecorded", {"src/app.py": "evil\n"})
    evil = stage.repo.head()
    good = stage.record({"docs/x": "x\n"})
    if where == "replace":
        stage.git("replace", evil, stage.first)
    elif where == "grafts":
        (stage.repo.path / ".git/info/grafts").write_text(f"{good} {stage.repo.head('main')}\n")
    elif where == "shallow":
        (stage.repo.path / ".git/shallow").write_text(f"{good}\n")
    elif where == "attributes":
        (stage.repo.path / ".git/info/attributes").write_text("* -diff merge=union binary\n")
    elif where == "config":
        for name, value in (
            ("log.showSignature", "true"),
            ("diff.relative", "true"),
            ("diff.external", "/bin/false"),
            ("core.quotePath", "true"),
            ("core.alternateRefsCommand", "/bin/false"),
            ("core.bigFileThreshold", "1"),
            ("core.commitGraph", "true"),
            ("trailer.sox-record.key", "Other"),
        ):
            stage.git("config", name, value)
    else:
        stage.repo.write(".mailmap", "Mallory <mallory@bank.example> <alice@bank.example>\n")
        stage.git("config", "log.mailmap", "true")
    assert [one.commit for one in stage.verify("main..HEAD")] == [evil, good]
    assert statuses(stage) == ["unrecorded SOX601", "verified same-change"]


@pytest.mark.parametrize("name", ["GIT_GRAFT_FILE", "GIT_CONFIG_PARAMETERS", "GIT_NAMESPACE", "GIT_REPLACE_REF_BASE"])
def test_nothing_in_the_environment_has_a_say(stage, monkeypatch, tmp_path, name):
    good = stage.record({"docs/x": "x\n"})
    graft = tmp_path / "graft"
    graft.write_text(f"{good}\n")
    monkeypatch.setenv(name, str(graft) if name == "GIT_GRAFT_FILE" else "'core.abbrev=4'")
    assert statuses(stage) == ["verified same-change"]


def test_the_adoption_cannot_be_verified_and_the_words_say_what_to_do(bare_stage):
    stage = bare_stage
    stage.commit("Begin", {"README": "x\n"})
    stage.branch("work")
    stage.commit("Adopt", policy_files())
    with pytest.raises(CannotVerify, match=r"no policy: there is no \.sox") as raised:
        stage.verify("main..work")
    assert raised.value.rule == "SOX610"
    assert "by hand" in raised.value.fix


def test_a_policy_that_cannot_be_used_is_a_configuration_error(stage):
    stage.git("checkout", "-q", "main")
    stage.commit("Break it", {".sox/policy.toml": "[policy\n"})
    stage.git("checkout", "-q", "-B", "work")
    stage.record({"src/app.py": "new\n"})
    with pytest.raises(ConfigError):
        stage.verify("main..work")


def test_a_file_in_place_of_the_policy_folder_is_no_policy(bare_stage):
    stage = bare_stage
    stage.commit("Begin", {".sox": "x\n"})
    stage.branch("work")
    with pytest.raises(CannotVerify, match="no policy"):
        stage.verify("main..work")


# The baseline


def test_what_the_baseline_reaches_is_exempt_and_counted(bare_stage):
    stage = bare_stage
    stage.commit("One", {"README": "1\n"})
    last = stage.commit("Two", {"README": "2\n"})
    stage.branch("other-root", "main")
    stage.git("checkout", "-q", "--orphan", "imported")
    stage.git("rm", "-rfq", ".")
    stage.commit("Imported one", {"lib/a": "a\n"})
    imported = stage.commit("Imported two", {"lib/b": "b\n"})
    stage.git("checkout", "-q", "main")
    stage.commit("Adopt", policy_files(baseline=(last, imported)))
    stage.branch("work")
    stage.git("merge", "-q", "--allow-unrelated-histories", "--no-edit", "imported")
    run = stage.gate("main..work")
    assert run.gate.exempt == 2
    assert [words(one) for one in run.verdicts()] == ["verified merge"]


def test_evil_commits_on_an_exempt_commit_or_on_a_root_of_their_own_are_checked(stage):
    stage.branch("old", stage.first)
    stage.commit("Evil on the old", {"src/evil.py": "x\n"})
    stage.git("checkout", "-q", "--orphan", "rootless")
    stage.git("rm", "-rfq", ".")
    stage.commit("Evil on nothing", {"lib/evil.py": "x\n"})
    stage.git("checkout", "-q", "work")
    stage.git("merge", "-q", "--no-edit", "old")
    stage.git("merge", "-q", "--no-edit", "--allow-unrelated-histories", "rootless")
    found = {one.subject: words(one) for one in stage.verify()}
    assert found["Evil on the old"] == found["Evil on nothing"] == "unrecorded SOX601"
    assert sorted(found.values()) == ["unrecorded SOX601"] * 2 + ["verified merge"] * 2


def test_a_baseline_that_is_not_there_cannot_be_verified(bare_stage):
    stage = bare_stage.begin(baseline=("1" * 40,))
    stage.branch("work")
    stage.record({"src/app.py": "new\n"})
    with pytest.raises(CannotVerify, match="baseline 111111111111 of the policy is not in this clone"):
        stage.verify()


# Clones


def test_a_shallow_clone_cannot_be_verified(stage, make_repo, tmp_path):
    for number in range(3):
        stage.record({"src/app.py": f"{number}\n"})
    source = f"file://{stage.repo.path}"
    stage.git("clone", "-q", "--no-single-branch", "--depth", "2", source, str(tmp_path / "shallow"))
    stage.repo.path = tmp_path / "shallow"
    with pytest.raises(CannotVerify) as raised:
        stage.verify("origin/main..origin/work")
    assert "unshallow" in raised.value.fix


def test_a_bare_repository_is_verified_as_any_other(stage, tmp_path):
    stage.record({"src/app.py": "new\n"})
    stage.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    stage.repo.path = tmp_path / "bare"
    assert statuses(stage, "main..work") == ["verified same-change"]


def test_outside_a_repository_it_is_a_usage_error(stage, tmp_path):
    stage.repo.path = tmp_path / "elsewhere"
    stage.repo.path.mkdir()
    assert not os.path.exists(stage.repo.path / ".git")
    with pytest.raises(UsageError, match="not a git repository"):
        stage.verify()


def test_a_sha256_repository(make_repo):
    from tests.stage import Stage

    stage = Stage(make_repo("wide", "--object-format=sha256")).begin()
    stage.branch("work")
    stage.record({"src/app.py": "new\n"})
    stage.commit("Unrecorded", {SECRET: edited((1, "x"))})
    assert statuses(stage) == ["verified same-change", "unrecorded SOX601"]


# Unrecorded merges


def test_a_clean_merge_needs_no_record_an_octopus_neither(stage):
    for name in ("one", "two", "three"):
        stage.branch(name, "main")
        stage.record({f"docs/{name}": "x\n"}, name)
    stage.git("checkout", "-q", "work")
    stage.git("merge", "-q", "--no-ff", "--no-edit", "one")
    stage.git("merge", "-q", "--no-edit", "two", "three")
    assert sorted(statuses(stage)) == ["verified merge"] * 2 + ["verified same-change"] * 3


def test_a_tier_can_refuse_merges_of_its_own_files(bare_stage):
    stage = bare_stage.begin(relations='{ restricted = ["same-change"] }')
    stage.branch("side")
    stage.record({SECRET: edited((3, "side"))})
    stage.branch("work", "main")
    stage.record({SECRET: edited((30, "work"))})
    stage.git("merge", "-q", "--no-edit", "side")
    assert words(stage.verdict()) == "denied SOX615"


def test_a_merge_that_only_brings_files_of_one_side_mixes_nothing(bare_stage):
    stage = bare_stage.begin(relations='{ restricted = ["same-change"] }')
    stage.branch("side")
    stage.record({SECRET: edited((3, "side"))})
    stage.branch("work", "main")
    stage.record({"docs/x": "x\n"})
    stage.git("merge", "-q", "--no-edit", "side")
    assert words(stage.verdict()) == "verified merge"


def test_odd_messages_of_protected_history_do_no_harm(stage):
    """NUL, no body, an encoding that git would translate: the search for used records reads them all."""
    stage.git("checkout", "-q", "main")
    raw = stage.repo.git_bytes("cat-file", "commit", "HEAD")
    head, _, _ = raw.partition(b"\n\n")
    for number, odd in enumerate(
        (
            head + b"\n\nsub\0ject\n\n\0" + b"ab" * 20 + b"\n log=a.1.b\n",
            head + b"\n",
            head + b"\nencoding UTF-16\n\n\xfe\xff\n",
        )
    ):
        oid = stage.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=odd)
        merge = stage.commit_tree("main^{tree}", (stage.repo.head("main"), oid), f"Odd {number}\n".encode())
        stage.git("update-ref", "refs/heads/main", merge)
    landed = stage.record({"src/app.py": "new\n"}, "Landed")
    stage.record({"src/app.py": edited()}, "Take it back")
    stage.git("checkout", "-q", "-B", "work")
    stage.git("cherry-pick", landed)
    assert statuses(stage) == ["denied SOX614"]
