"""Every status that the gate can give one commit, each with the way that leads there."""

from __future__ import annotations

import pytest

from sox_hooks.record.trailers import signature_lines
from tests.record.software_keys import software_key
from tests.stage import ALICE, BOB, MALLORY, SECRET, edited, policy_files, words

OTHER_KEY = software_key("ssh-ed25519", 99)


def same_change(stage):
    stage.record({"src/app.py": "new\n"})


def same_change_with_tool(stage):
    stage.record({"src/api/x.py": "new\n"}, claim="assisted", tools=("claude-code@2.1.0:claude-opus-4-8",))


def every_kind_of_key(kind):
    def scenario(stage):
        someone = ALICE.replace(id="kind", email="kind@bank.example", key=software_key(kind), others=(), accounts=())
        stage.git("checkout", "-q", "main")
        stage.commit("Enrol", policy_files((ALICE, someone), baseline=(stage.first,)))
        stage.git("checkout", "-q", "-B", "work")
        stage.record({"src/app.py": "new\n"}, by=someone)

    return scenario


def other_address_of_the_author(stage):
    stage.record({"src/app.py": "new\n"}, author="ng@bank.example", signed_for="alice@bank.example")


def noreply_address_of_the_author(stage):
    stage.record({"src/app.py": "new\n"}, author="7+alice-ng@users.noreply.github.com", signed_for=ALICE.email)


def former_repository(stage):
    stage.git("checkout", "-q", "main")
    stage.commit("Rename", policy_files(baseline=(stage.first,), former=("old/ledger",)))
    stage.git("checkout", "-q", "-B", "work")
    stage.record({"src/app.py": "new\n"}, repository="old/ledger")


def amend_reading(stage):
    """Where the hook could not tell, both readings are signed: `amend=` is that of the commit that was made."""
    other = stage.record({"src/app.py": "other\n"})
    digest = stage.message(other).split(b"change=")[1].split(b"\n")[0].decode()
    stage.git("reset", "-q", "--soft", "HEAD^")
    stage.record({"src/app.py": "other\n"}, change="A" * 43, extra=(("amend", digest),))


def unknown_parameter(stage):
    stage.record({"src/app.py": "new\n"}, extra=(("mood", "good"),))


def foreign_trailers_around(stage):
    def sign_off(text):
        return text + b"Reviewed-by: Bob <bob@bank.example>\n(cherry picked from commit %b)\n" % (b"1" * 40)

    stage.record({"src/app.py": "new\n"}, edit=sign_off)


def empty_change(stage):
    stage.record(message="Trigger CI")


def root_commit(stage):
    stage.git("checkout", "-q", "--orphan", "rootless")
    stage.git("rm", "-rfq", ".")
    stage.record({"docs/x": "x\n"}, parents=())


def recorded_merge(stage):
    stage.branch("side", "main")
    side = stage.record({"docs/side": "side\n"})
    stage.git("checkout", "-q", "work")
    here = stage.record({"docs/here": "here\n"})
    stage.git("merge", "-q", "--no-commit", "--no-ff", "side")
    stage.record({"docs/more": "by hand\n"}, parents=(here, side))


VERIFIED = {
    "same change": (same_change, "verified same-change"),
    "with an approved tool": (same_change_with_tool, "verified same-change"),
    "other address of the author": (other_address_of_the_author, "verified same-change"),
    "noreply address of the author": (noreply_address_of_the_author, "verified same-change"),
    "repository's former id": (former_repository, "verified same-change"),
    "amend reading": (amend_reading, "verified same-change"),
    "unknown parameter": (unknown_parameter, "verified same-change"),
    "foreign trailers around": (foreign_trailers_around, "verified same-change"),
    "empty change": (empty_change, "verified same-change"),
    "root commit": (root_commit, "verified same-change"),
    "recorded merge": (recorded_merge, "verified same-change"),
    **{
        kind: (every_kind_of_key(kind), "verified same-change")
        for kind in ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521", "ssh-rsa", "sk-ssh-ed25519@openssh.com")
    },
}


def prohibited_tool(stage):
    stage.record({"src/app.py": "new\n"}, claim="assisted", tools=("cursor",))


def ai_where_none_may_be(stage):
    stage.record({SECRET: "new\n"}, claim="assisted", tools=("claude-code",))


def nobody_declared(stage):
    stage.record({"src/api/x.py": "new\n"}, claim="undeclared")


def evidence_against_the_claim(stage):
    text = "Add\n\nCo-authored-by: Claude <noreply@anthropic.com>"
    stage.record({SECRET: "new\n"}, text, claim="none")


def renamed_out_of_a_strict_path(stage):
    stage.git("mv", SECRET, "src/free.py")
    stage.record(claim="assisted", tools=("claude-code",))


def unrecorded_and_against_the_policy(stage):
    stage.commit("Add\n\nCo-authored-by: Claude <noreply@anthropic.com>", {SECRET: "new\n"})


def invented_policy(stage):
    stage.record({"src/app.py": "new\n"}, policy="0" * 40)


def policy_of_the_branch(stage):
    stage.record(policy_files(baseline=(stage.first,), version=2))
    stage.record({"src/app.py": "new\n"}, policy=stage.git("rev-parse", "HEAD:.sox"))


def older_policy(stage):
    old = stage.git("rev-parse", "main:.sox")
    stage.git("checkout", "-q", "main")
    stage.commit("Stricter", policy_files(baseline=(stage.first,), version=2))
    stage.git("checkout", "-q", "-B", "work")
    stage.record({"src/app.py": "new\n"}, policy=old)


def relation_not_accepted(stage):
    stage.branch("side", "main")
    stage.record({"src/api/x.py": "a\n"}, "Base")
    stage.git("branch", "-f", "main")
    stage.git("checkout", "-q", "work")
    stage.record({"src/api/long": edited((30, "mine"))})
    stage.git("checkout", "-q", "main")
    stage.record({"src/api/long": edited()}, "Somebody adds the same file")
    stage.git("checkout", "-q", "-B", "work")
    stage.record({"src/api/long": edited((30, "mine"))})
    stage.git("checkout", "-q", "main")
    stage.record({"src/api/long": edited((2, "theirs"))}, "Somebody else edits the file")
    stage.git("rebase", "-q", "main", "work")


def record_of_landed_commit_again(stage):
    stage.git("checkout", "-q", "main")
    landed = stage.record({"src/app.py": "new\n"})
    stage.record({"src/app.py": edited()}, "Take it back")
    stage.git("checkout", "-q", "-B", "work")
    stage.git("cherry-pick", landed)


def record_again_under_another_address(stage):
    """The same signature, with the author's other address: still the same record."""
    stage.git("checkout", "-q", "main")
    stage.record({"src/app.py": "new\n"})
    message = stage.message()
    stage.record({"src/app.py": edited()}, "Take it back")
    stage.git("checkout", "-q", "-B", "work")
    stage.repo.write("src/app.py", "new\n")
    stage.git("add", "-A")
    again = stage.commit_tree(stage.git("write-tree"), (stage.repo.head(),), message, author="ng@bank.example")
    stage.git("reset", "-q", "--hard", again)


def record_again_behind_a_decoy(stage):
    """A commit that only quotes the record's anchor, on an older branch, must not hide the commit that has it."""
    stage.git("checkout", "-q", "main")
    landed = stage.record({"src/app.py": "new\n"})
    anchor = stage.message().split(b"log=")[1].split()[0].decode()
    stage.branch("decoy", stage.adoption)
    stage.record({"docs/decoy": "x\n"}, f"See\n log={anchor}\n\nfor it")
    stage.git("checkout", "-q", "main")
    stage.record({"src/app.py": edited()}, "Take it back")
    stage.git("merge", "-q", "--no-ff", "-m", "Merge", "decoy")
    stage.git("checkout", "-q", "-B", "work")
    stage.git("cherry-pick", landed)


def dated_in_the_future(stage):
    stage.record({"src/app.py": "new\n"}, moment="2999-01-01T00:00:00Z")


DENIED = {
    "prohibited tool": (prohibited_tool, "denied SOX302"),
    "AI where none may be": (ai_where_none_may_be, "denied SOX2"),
    "nobody declared": (nobody_declared, "denied SOX101"),
    "evidence against the claim": (evidence_against_the_claim, "denied SOX102 SOX2"),
    "renamed out of a strict path": (renamed_out_of_a_strict_path, "denied SOX2"),
    "unrecorded and against the policy": (unrecorded_and_against_the_policy, "denied SOX2"),
    "invented policy": (invented_policy, "denied SOX613"),
    "policy of the branch": (policy_of_the_branch, "denied SOX613"),
    "older policy": (older_policy, "denied SOX613"),
    "relation not accepted": (relation_not_accepted, "denied SOX615"),
    "record of a landed commit again": (record_of_landed_commit_again, "denied SOX614"),
    "the same under another address": (record_again_under_another_address, "denied SOX614"),
    "the same behind a decoy": (record_again_behind_a_decoy, "denied SOX614"),
    "dated in the future": (dated_in_the_future, "denied SOX621"),
}


def no_record(stage):
    stage.commit("Quick fix", {"src/app.py": "new\n"})


def only_a_declaration(stage):
    stage.commit("Fix\n\nAI-Assistance: none", {"src/app.py": "new\n"})


def record_outside_the_last_paragraph(stage):
    stage.record({"src/app.py": "new\n"}, edit=lambda text: text + b"\nOne more paragraph, written later.\n")


def evil_merge(stage):
    stage.branch("side", "main")
    stage.record({"docs/side": "side\n"})
    stage.git("checkout", "-q", "work")
    stage.record({"docs/here": "here\n"})
    stage.git("merge", "-q", "--no-commit", "--no-ff", "side")
    stage.commit("Merge side", {"src/app.py": "evil\n"})


def merge_by_a_driver_of_the_tree(stage):
    """`merge=union` in the tree makes a clean merge of a conflict: for the clone, not in the clean room."""
    stage.record({".gitattributes": "*.py merge=union\n"})
    stage.branch("side")
    stage.record({"src/app.py": edited((3, "side"))})
    stage.git("checkout", "-q", "work")
    stage.record({"src/app.py": edited((3, "here"))})
    stage.git("merge", "-q", "--no-edit", "side")


UNRECORDED = {
    "no record": (no_record, "unrecorded SOX601"),
    "only a declaration": (only_a_declaration, "unrecorded SOX601"),
    "record outside the last paragraph": (record_outside_the_last_paragraph, "unrecorded SOX601 SOX607"),
    "evil merge": (evil_merge, "unrecorded SOX601"),
    "merge by a driver of the tree": (merge_by_a_driver_of_the_tree, "unrecorded SOX601"),
}


def other_content(stage):
    stage.record({"src/app.py": "new\n"})
    message = stage.message()
    stage.git("reset", "-q", "--hard", "main")
    stage.repo.write("src/app.py", "evil\n")
    stage.git("add", "-A")
    stage.git("reset", "-q", "--hard", stage.commit_tree(stage.git("write-tree"), (stage.repo.head(),), message))


def claim_changed(stage):
    stage.record(
        {"src/app.py": "new\n"},
        claim="assisted",
        tools=("claude-code",),
        edit=lambda text: text.replace(b"AI-Assistance: assisted", b"AI-Assistance: none"),
    )


def tool_added(stage):
    stage.record(
        {"src/app.py": "new\n"},
        claim="none",
        edit=lambda text: text.replace(b"AI-Assistance: none\n", b"AI-Assistance: none\nAssisted-by: claude-code\n"),
    )


def empty_commit_elsewhere(stage):
    stage.record(message="Trigger CI")
    message = stage.message().replace(b"Trigger CI", b"I, Alice, approve the Q4 change")
    stage.record({"src/app.py": "new\n"})
    head = stage.repo.head()
    stage.git("update-ref", "HEAD", stage.commit_tree(f"{head}^{{tree}}", (head,), message))


def recorded_merge_with_another_parent(stage):
    stage.branch("side", "main")
    side = stage.record({"docs/side": "side\n"})
    stage.branch("other", "main")
    other = stage.record({"docs/other": "other\n"})
    stage.git("checkout", "-q", "work")
    here = stage.record({"docs/here": "here\n"})
    stage.git("merge", "-q", "--no-commit", "--no-ff", "side")
    merge = stage.record(parents=(here, side))
    message = stage.message(merge)
    stage.git("update-ref", "HEAD", stage.commit_tree(f"{merge}^{{tree}}", (here, other), message))


UNBOUND = {
    "other content": (other_content, "unbound SOX608"),
    "claim changed": (claim_changed, "unbound SOX609"),
    "tool added": (tool_added, "unbound SOX609"),
    "empty commit elsewhere": (empty_commit_elsewhere, "unbound SOX608 SOX614"),
    "merge with another parent": (recorded_merge_with_another_parent, "unbound SOX608"),
}


def wrong_signature(stage):
    stage.record({"src/app.py": "new\n"}, signature={"namespace": b"sox-record", "hash_name": b"sha256"}, change="")
    blob = bytearray(stage.message())
    at = blob.index(b"Sox-Signature")
    lines = bytes(blob[at:]).split(b"\n")
    lines[3] = lines[3][:20] + (b"A" if lines[3][20:21] != b"A" else b"B") + lines[3][21:]
    head = stage.repo.head()
    text = bytes(blob[:at]) + b"\n".join(lines)
    stage.git("update-ref", "HEAD", stage.commit_tree(f"{head}^{{tree}}", (f"{head}^",), text))


def other_namespace(stage):
    stage.record({"src/app.py": "new\n"}, signature={"namespace": b"git"})


def unknown_key(stage):
    stage.record({"src/app.py": "new\n"}, key=OTHER_KEY)


def stranger(stage):
    stage.record({"src/app.py": "new\n"}, by=MALLORY)


def limited_key(options):
    def scenario(stage):
        stage.git("checkout", "-q", "main")
        stage.commit("Limit", policy_files((ALICE.replace(options=options), BOB), baseline=(stage.first,)))
        stage.git("checkout", "-q", "-B", "work")
        stage.record({"src/app.py": "new\n"}, moment="2024-06-01T00:00:00Z")

    return scenario


def somebody_elses_name(stage):
    stage.record({"src/app.py": "new\n"}, by=BOB, author=ALICE.email)


def stolen_record(stage):
    """Mallory's commit under Alice's record, with Mallory as the author."""
    stage.record({"src/app.py": "new\n"})
    head = stage.repo.head()
    stolen = stage.commit_tree(f"{head}^{{tree}}", (f"{head}^",), stage.message(), by=BOB)
    stage.git("update-ref", "HEAD", stolen)


def other_repository(stage):
    stage.record({"src/app.py": "new\n"}, repository="bank/website")


def malformed(stage):
    stage.record({"src/app.py": "new\n"}, edit=lambda text: text.replace(b" change=", b" change=!"))


def half_a_record(stage):
    stage.record({"src/app.py": "new\n"}, edit=lambda text: text.partition(b"Sox-Signature")[0])


def doubled(stage):
    stage.record({"src/app.py": "new\n"}, edit=lambda text: text + text[text.index(b"AI-Assistance") :])


def tool_taken_away(stage):
    """What the signature was over cannot be told any more."""
    stage.record(
        {"src/app.py": "new\n"},
        claim="assisted",
        tools=("claude-code", "github-copilot"),
        edit=lambda text: text.replace(b"Assisted-by: github-copilot\n", b""),
    )


def parameter_changed(stage):
    stage.record(
        {"src/app.py": "new\n"},
        extra=(("exception", "EX-1"),),
        edit=lambda text: text.replace(b"exception=EX-1", b"exception=EX-2"),
    )


FORGED = {
    "wrong signature": (wrong_signature, "forged SOX604"),
    "other namespace": (other_namespace, "forged SOX604"),
    "unknown key": (unknown_key, "forged SOX605"),
    "stranger": (stranger, "forged SOX605"),
    "expired key": (limited_key('valid-before="20250101000000Z"'), "forged SOX606"),
    "key not yet valid": (limited_key('valid-after="29990101000000Z"'), "forged SOX606"),
    "author is somebody else": (somebody_elses_name, "forged SOX612"),
    "stolen record": (stolen_record, "forged SOX612"),
    "other repository": (other_repository, "forged SOX604"),
    "malformed": (malformed, "forged SOX602"),
    "half a record": (half_a_record, "forged SOX602"),
    "doubled": (doubled, "forged SOX603"),
    "tool taken away": (tool_taken_away, "forged SOX604"),
    "parameter changed": (parameter_changed, "forged SOX604"),
}


def unknown_version(stage):
    stage.record({"src/app.py": "new\n"}, edit=lambda text: text.replace(b"Sox-Record: v1 ", b"Sox-Record: v2 "))


def malformed_commit_object(stage):
    stage.record({"src/app.py": "new\n"})
    raw = stage.repo.git_bytes("cat-file", "commit", "HEAD")
    header = b"gpgsig -----BEGIN SSH SIGNATURE-----\n x\n -----END SSH SIGNATURE-----\n"
    head, _, message = raw.partition(b"\n\n")
    twice = head + b"\n" + header + header + b"\n" + message
    oid = stage.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=twice)
    stage.git("update-ref", "HEAD", oid)


def drop(stage, name):
    oid = stage.repo.head(name)
    (stage.repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink()


def missing_tree(stage):
    stage.record({"docs/deep/x": "new\n"})
    drop(stage, "HEAD:docs")


def missing_file_of_a_moved_commit(stage):
    stage.record({"src/app.py": edited((30, "mine"))})
    picked = stage.repo.head()
    stage.git("reset", "-q", "--hard", "main")
    stage.record({"src/app.py": edited((2, "theirs"))})
    stage.git("cherry-pick", picked)
    drop(stage, "HEAD:src/app.py")


UNVERIFIABLE = {
    "unknown version": (unknown_version, "unverifiable SOX616"),
    "malformed commit object": (malformed_commit_object, "unverifiable SOX618"),
    "missing tree": (missing_tree, "unverifiable SOX617"),
    "missing file of a moved commit": (missing_file_of_a_moved_commit, "unverifiable SOX617"),
}

TABLE = {**VERIFIED, **DENIED, **UNRECORDED, **UNBOUND, **FORGED, **UNVERIFIABLE}


@pytest.mark.parametrize("name", TABLE)
def test_status(stage, name):
    scenario, expected = TABLE[name]
    scenario(stage)
    found = words(stage.verdict())
    if expected.endswith("SOX2"):  # which of the rules about tools and paths is the policy room's matter
        assert found.startswith(expected)
    else:
        assert found == expected


def test_the_signature_lines_of_a_wrong_signature_still_read_as_one():
    """`wrong_signature` changes the value and not the form."""
    assert signature_lines(b"x" * 100)[0].startswith(b"Sox-Signature:")


def test_only_what_is_missing_is_unverifiable(stage):
    """The commits before and after one whose tree is missing get their verdicts."""
    stage.record({"docs/b": "b\n"}, "After")
    stage.git("branch", "after")
    stage.git("reset", "-q", "--hard", "main")
    stage.record({"docs/a": "a\n"}, "Before")
    stage.record({"docs/deep/x": "new\n"}, "Broken")
    drop(stage, "HEAD:docs/deep")
    verdicts = {one.subject or "Broken": words(one) for one in stage.verify("main..HEAD", "after")}
    assert verdicts == {
        "Before": "verified same-change",
        "Broken": "unverifiable SOX617",
        "After": "verified same-change",
    }


def test_the_author_may_be_another_person_only_if_the_policy_says_so(bare_stage):
    stage = bare_stage.begin(record_for_others=True)
    stage.branch("work")
    stage.record({"src/app.py": "new\n"}, by=BOB, author=ALICE.email)
    assert words(stage.verdict()) == "verified same-change"
    assert stage.verdict().signer == "bob"


def test_a_signature_for_the_signers_own_address_is_none_for_another_authors_commit(bare_stage):
    stage = bare_stage.begin(record_for_others=True)
    stage.branch("work")
    stage.record({"src/app.py": "new\n"}, by=ALICE, author=BOB.email, signed_for=ALICE.email)
    assert words(stage.verdict()) == "forged SOX604"


def test_in_mode_warn_the_policy_refuses_nothing_but_records_still_count(bare_stage):
    stage = bare_stage.begin(mode="warn")
    stage.branch("work")
    stage.record({"src/app.py": "new\n"}, claim="assisted", tools=("cursor",))
    stage.record({"src/api/x.py": "new\n"}, policy="0" * 40)
    stage.commit("Add\n\nCo-authored-by: Claude <noreply@anthropic.com>", {SECRET: "new\n"})
    stage.record({"src/app.py": "newer\n"}, key=OTHER_KEY)
    statuses = [one.status for one in stage.verify()]
    assert statuses == ["verified", "verified", "unrecorded", "forged"]
    assert [entry.severity for entry in stage.verify()[0].findings] == ["warning"]


def test_what_a_verdict_tells(stage):
    commit = stage.record(
        {"src/app.py": "new\n"},
        "Round half up",
        claim="assisted",
        tools=("claude-code@2.1.0:claude-opus-4-8",),
        moment="2026-11-01T10:00:00Z",
    )
    verdict = stage.verdict()
    assert (verdict.commit, verdict.subject, verdict.author) == (commit, "Round half up", ALICE.email)
    assert (verdict.assistance, verdict.tools) == ("assisted", ("claude-code@2.1.0:claude-opus-4-8",))
    assert (verdict.signer, verdict.moment) == ("alice", "2026-11-01T10:00:00Z")


def test_a_changed_claim_is_told_with_what_was_signed(stage):
    claim_changed(stage)
    (entry,) = stage.verdict().findings
    assert "it was assisted claude-code, now none" in entry.message
