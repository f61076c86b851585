"""Attacks on where the law comes from: keys, policy and exceptions that the attacker brings along."""

from __future__ import annotations

from tests.attacks.desk import ALICE, BOB, MALLORY, PEOPLE, Attacks, Desk, Judged

attacks = Attacks()
SECRET = "src/ledger/books.py"


@attacks.stopped("forged SOX605", gains="anybody enrols herself in the branch that is judged, and signs what she likes")
def forged_key_in_the_own_allowed_signers(desk: Desk) -> None:
    desk.record(desk.policy((*PEOPLE, MALLORY)), "Enrol me", by=MALLORY)
    desk.record({"src/app.py": "evil()\n"}, by=MALLORY)


@attacks.stopped("forged SOX605", gains="a key that was only merged into the branch from elsewhere counts as enrolled")
def key_enrolled_by_somebody_else_in_the_same_branch(desk: Desk) -> None:
    desk.record(desk.policy((*PEOPLE, MALLORY)), "Enrol Mallory", by=ALICE)
    desk.record({"src/app.py": "evil()\n"}, by=MALLORY)


def broken_signers(desk: Desk, line: str) -> None:
    """A line that a careless reviewer let through on the protected branch."""
    files = desk.policy()
    desk.land("Tidy up keys", {".sox/allowed_signers": files[".sox/allowed_signers"] + line + "\n"})
    desk.record({"src/app.py": "evil()\n"}, by=MALLORY, policy=desk.git("rev-parse", "main:.sox"))


@attacks.stopped("exit 2: allowed_signers", gains="a key restricted to records signs anything, by a second open line")
def second_line_without_namespaces(desk: Desk) -> None:
    broken_signers(desk, f"{ALICE.email} {ALICE.key.line}")


@attacks.stopped("exit 2: allowed_signers", gains="one key speaks for everybody")
def star_principal(desk: Desk) -> None:
    broken_signers(desk, f'* namespaces="sox-record" {MALLORY.key.line}')


@attacks.stopped("exit 2: allowed_signers", gains="one key speaks for every person of a domain")
def principal_with_a_wildcard(desk: Desk) -> None:
    broken_signers(desk, f'*@bank.example namespaces="sox-record" {MALLORY.key.line}')


@attacks.stopped("exit 2: allowed_signers", gains="one key speaks for two persons")
def one_key_for_two_persons(desk: Desk) -> None:
    broken_signers(desk, f'{BOB.email} namespaces="sox-record" {ALICE.key.line}')


@attacks.stopped("exit 2: allowed_signers", gains="a certificate authority mints keys for everybody")
def cert_authority(desk: Desk) -> None:
    broken_signers(desk, f'{ALICE.email} cert-authority,namespaces="sox-record" {MALLORY.key.line}')


@attacks.stopped("exit 2: allowed_signers", gains="a pattern of namespaces lets signatures of other tools count")
def namespace_pattern(desk: Desk) -> None:
    broken_signers(desk, f'{ALICE.email} namespaces="sox-*" {MALLORY.key.line}')


@attacks.stopped("denied SOX613", gains="a record is made under rules that were replaced long ago")
def policy_rollback(desk: Desk) -> None:
    old = desk.git("rev-parse", "main:.sox")
    desk.land("Stricter rules", desk.policy(version=2))
    desk.git("reset", "-q", "--hard", "main")
    desk.record({"src/app.py": "evil()\n"}, policy=old)


@attacks.stopped("denied SOX613", gains="a record cites rules that nobody ever agreed to")
def policy_that_the_branch_never_had(desk: Desk) -> None:
    desk.record({"src/app.py": "evil()\n"}, policy="0" * 40)


@attacks.stopped("denied SOX613", gains="a record cites the attacker's own rules, which are in the branch")
def policy_of_the_own_branch(desk: Desk) -> None:
    desk.record(desk.policy(cursor="approved"), "Approve a tool")
    desk.record({"src/app.py": "evil()\n"}, policy=desk.git("rev-parse", "evil:.sox"))


@attacks.stopped("forged SOX605", gains="whoever left signs on, from a branch older than the removal of her key")
def leaver_with_an_old_branch(desk: Desk) -> None:
    desk.land("Bob has left", desk.policy(tuple(one for one in PEOPLE if one is not BOB), version=2))
    desk.record({"src/app.py": "evil()\n"}, by=BOB, policy=desk.git("rev-parse", "evil:.sox"))


@attacks.stopped("denied SOX201", gains="a tool is approved by the very change that uses it")
def policy_relaxed_in_the_same_change(desk: Desk) -> None:
    relaxed = desk.policy(cursor="approved")
    relaxed[".sox/policy.toml"] = relaxed[".sox/policy.toml"].replace('ai = "none"', 'ai = "any"')
    desk.record({**relaxed, SECRET: "evil()\n"}, claim="assisted", tools=("claude-code",))


@attacks.stopped("denied SOX201", gains="a tool is approved by an earlier commit of the same branch")
def policy_relaxed_one_commit_before(desk: Desk) -> None:
    relaxed = desk.policy()
    relaxed[".sox/policy.toml"] = relaxed[".sox/policy.toml"].replace('ai = "none"', 'ai = "any"')
    desk.record(relaxed, "Relax")
    desk.record({SECRET: "evil()\n"}, claim="assisted", tools=("claude-code",))


@attacks.stopped("denied SOX201 SOX403", gains="an exception is granted by the change that needs it")
def exception_added_in_the_change(desk: Desk) -> None:
    grant = (
        '[[exceptions]]\nid = "EX-1"\ntool = "claude-code"\npatterns = ["src/ledger/**"]\npersons = ["alice"]\n'
        'reason = "because"\nticket = "T-1"\nrequested_by = "alice"\napproved_by = "bob"\n'
        "starts = 2026-01-01\nexpires = 2099-01-01\n"
    )
    desk.record(
        {".sox/exceptions.toml": grant, SECRET: "evil()\n"},
        claim="assisted",
        tools=("claude-code",),
        extra=(("exception", "EX-1"),),
    )


@attacks.stopped("unrecorded SOX601", gains="the baseline is moved over the attacker's own commits")
def baseline_moved_in_the_change(desk: Desk) -> str:
    evil = desk.commit("Evil", {"src/app.py": "evil()\n"})
    desk.record(desk.policy(baseline=(evil,)), "Move the baseline")
    return evil


@attacks.stopped("unrecorded SOX601", gains="a change that takes the policy away is judged by nothing")
def policy_removed_in_the_change(desk: Desk) -> None:
    desk.git("rm", "-rq", ".sox")
    desk.commit("No more rules")


@attacks.stopped("unrecorded SOX601", gains="the policy folder becomes a link to a folder that nobody guards")
def policy_folder_turned_into_a_link(desk: Desk) -> None:
    desk.git("mv", ".sox", "rules")
    (desk.repo.path / ".sox").symlink_to("rules")
    desk.commit("Move the rules")


@attacks.stopped("exit 2: ambiguous", gains="who may push a tag chooses the policy that judges her")
def tag_named_like_the_protected_branch(desk: Desk) -> None:
    desk.record(desk.policy((*PEOPLE, MALLORY)), "Enrol me", by=MALLORY)
    desk.git("tag", "origin/main", "evil")


@attacks.stopped("exit 2: ambiguous", gains="who may push a branch chooses what is judged")
def branch_named_like_a_tag(desk: Desk) -> Judged:
    desk.git("tag", "release", "main")
    desk.commit("Evil", {"src/app.py": "evil()\n"})
    desk.clone()
    desk.ci.git("branch", "release", "origin/evil")
    return desk.judge("origin/main..release")


@attacks.stopped("unrecorded SOX601", gains="a branch whose name is an option turns the gate off")
def branch_named_like_an_option(desk: Desk) -> Judged:
    evil = desk.commit("Evil", {"src/app.py": "evil()\n"})
    desk.git("update-ref", "refs/heads/--exit-zero", evil)
    judged = desk.judge("origin/main..origin/--exit-zero")
    assert judged.code == 1
    return evil


@attacks.stopped(
    "exit 2: not a revision", gains="a name that the pipeline passes on unquoted is taken for an option of git"
)
def range_that_is_an_option_of_git(desk: Desk) -> Judged:
    return desk.judge("origin/main..--output=/tmp/pwned")


@attacks.stopped("exit 2: left end", gains="a range without a base is judged by the attacker's own policy")
def range_without_a_base(desk: Desk) -> Judged:
    desk.record(desk.policy((*PEOPLE, MALLORY)), "Enrol me", by=MALLORY)
    return desk.judge("origin/evil")


@attacks.stopped("exit 2: three dots", gains="three dots judge from the merge-base, and so by an old policy")
def range_from_the_merge_base(desk: Desk) -> Judged:
    return desk.judge("origin/main...origin/evil")


test_trust_root = attacks.test()
