"""What the buttons of forges make of a request, by the git commands that give the same, and what the look back says.

The request has two recorded commits; meanwhile somebody landed an edit of one of their files.
"""

from __future__ import annotations

import pytest

from tests.stage import ALICE, BOB, Stage, edited, words

APP = "src/app.py"
MOVED, FRESH, MERGE, SQUASH = "verified same-patch", "verified same-change", "verified merge", "verified squash"
UNRECORDED = "unrecorded SOX601"
FORGE = {"GIT_COMMITTER_NAME": "Forge", "GIT_COMMITTER_EMAIL": "noreply@forge.example"}
NOREPLY = {**FORGE, "GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "1+alice-ng@users.noreply.github.com"}


class Forge(Stage):
    """A server's repository; `request` is the branch of request 7, whose head has the forge's ref."""

    def open(self, commits: int = 2) -> None:
        self.begin((ALICE, BOB))
        self.branch("request")
        self.record({APP: edited((30, "mine"))}, "Mine")
        if commits > 1:
            self.record({"docs/mine": "x\n"}, "Beside", claim="assisted", tools=("claude-code@2.1.0",))
        self.head = self.repo.head()
        self.git("update-ref", "refs/pull/7/head", self.head)
        self.git("checkout", "-q", "main")
        self.record({APP: edited((2, "theirs"))}, "Theirs", by=BOB)
        self.before = self.repo.head()

    def merge(self, what: str, message: str) -> None:
        self.git("merge", "-q", "--no-ff", "-m", message, what, **FORGE)

    def squash(self, message: str, onto: str = "main") -> str:
        """One commit with all that the request has, as the forge's own user."""
        tree = self.git("merge-tree", "--write-tree", onto, "request")
        return self.git("commit-tree", tree, "-p", onto, "-F", "-", data=message.encode(), **NOREPLY)


@pytest.fixture
def forge(repo) -> Forge:
    return Forge(repo)


def github_merge(forge):
    forge.merge("request", "Merge pull request #7 from alice/request\n\nMine and beside")


def github_squash(forge):
    quoted = forge.message("request").decode()
    forge.git("reset", "-q", "--hard", forge.squash(f"Mine and beside (#7)\n\n* Mine\n\n* {quoted}"))


def github_squash_blank(forge):
    forge.git("reset", "-q", "--hard", forge.squash("Mine and beside (#7)\n"))


def github_rebase(forge):
    forge.git("rebase", "-q", "main", "request", **FORGE)
    forge.git("checkout", "-q", "main")
    forge.git("merge", "-q", "--ff-only", "request")


def github_queue_squashes(forge):
    """Two requests in the queue: the second is squashed on top of the first one's squash."""
    github_squash_blank(forge)
    forge.git("checkout", "-q", "-b", "other", forge.before)
    forge.record({"docs/other": "x\n"}, "Other")
    forge.record({"docs/other": "y\n"}, "Other, again")
    forge.git("update-ref", "refs/pull/8/head", "other")
    forge.git("checkout", "-q", "main")
    forge.git("branch", "-f", "request", "other")
    forge.git("reset", "-q", "--hard", forge.squash("Other (#8)\n"))


def github_queue_rebases(forge):
    github_rebase(forge)
    forge.git("checkout", "-q", "-b", "other", forge.before)
    forge.record({APP: edited((2, "theirs"), (20, "other"))}, "Other")
    forge.git("rebase", "-q", "main", **FORGE)
    forge.git("checkout", "-q", "main")
    forge.git("merge", "-q", "--ff-only", "other")


def github_update_branch(forge):
    """`Update branch` merges the target into the request before it is merged."""
    forge.git("checkout", "-q", "request")
    forge.merge("main", "Merge branch 'main' into request")
    forge.git("checkout", "-q", "main")
    github_merge(forge)


def github_suggestion(forge):
    """A reviewer's suggestion that is accepted in the browser is a commit like any other."""
    forge.git("checkout", "-q", "request")
    forge.commit("Update app.py\n\nCo-authored-by: Bob <bob@bank.example>", {APP: edited((30, "suggested"))}, **FORGE)
    forge.git("checkout", "-q", "main")
    github_merge(forge)


def github_conflict_editor(forge):
    """A conflict that is solved in the browser gives a merge that nobody recorded."""
    forge.git("checkout", "-q", "request")
    forge.git("merge", "-q", "--no-commit", "main")
    forge.commit("Merge branch 'main' into request", {APP: edited((2, "neither"), (30, "mine"))}, **FORGE)
    forge.git("checkout", "-q", "main")
    github_merge(forge)


def gitlab_merge(forge):
    forge.merge("request", "Merge branch 'request' into 'main'\n\nMine\n\nSee merge request bank/ledger!7")


def gitlab_semi_linear(forge):
    forge.git("rebase", "-q", "main", "request", **FORGE)
    forge.git("checkout", "-q", "main")
    gitlab_merge(forge)


def gitlab_squash(forge):
    """Merge method `fast-forward`: the squash keeps the title only."""
    forge.git("reset", "-q", "--hard", forge.squash("Mine and beside\n"))


def gitlab_squash_and_merge(forge):
    """Merge method `merge commit`: the request is squashed where it began, and that is merged."""
    one = forge.squash("Mine and beside\n", onto=forge.git("merge-base", "main", "request"))
    forge.merge(one, "Merge branch 'request' into 'main'\n\nMine and beside\n\nSee merge request bank/ledger!7")


def tampered_squash(forge):
    github_squash_blank(forge)
    forge.repo.write(APP, edited((2, "theirs"), (30, "mine"), (31, "evil")))
    forge.git("commit", "-q", "-a", "--amend", "--no-verify", "--no-edit")


def tampered_squash_and_merge(forge):
    one = forge.squash("Mine and beside\n", onto=forge.git("merge-base", "main", "request"))
    forge.git("checkout", "-q", "--detach", one)
    forge.repo.write("docs/evil", "x\n")
    forge.git("add", "-A")
    forge.git("commit", "-q", "--amend", "--no-verify", "--no-edit")
    one = forge.repo.head()
    forge.git("checkout", "-q", "main")
    forge.merge(one, "Merge branch 'request' into 'main'")


def web_editor(forge):
    forge.commit("Update README", {"README": "by browser\n"}, **FORGE)


BUTTONS = {
    "GitHub, create a merge commit": (github_merge, [FRESH, FRESH, MERGE]),
    "GitHub, squash and merge": (github_squash, [SQUASH]),
    "GitHub, squash and merge, blank body": (github_squash_blank, [SQUASH]),
    "GitHub, rebase and merge": (github_rebase, [MOVED, FRESH]),
    "GitHub, merge queue that squashes": (github_queue_squashes, [SQUASH, SQUASH]),
    "GitHub, merge queue that rebases": (github_queue_rebases, [MOVED, FRESH, MOVED]),
    "GitHub, update branch": (github_update_branch, [FRESH, FRESH, MERGE, MERGE]),
    "GitHub, accepted suggestion": (github_suggestion, [FRESH, FRESH, UNRECORDED, MERGE]),
    "GitHub, conflict solved in the browser": (github_conflict_editor, [FRESH, FRESH, UNRECORDED, MERGE]),
    "GitLab, merge commit": (gitlab_merge, [FRESH, FRESH, MERGE]),
    "GitLab, semi-linear history": (gitlab_semi_linear, [MOVED, FRESH, MERGE]),
    "GitLab, squash, fast-forward": (gitlab_squash, [SQUASH]),
    "GitLab, squash and merge commit": (gitlab_squash_and_merge, [SQUASH, MERGE]),
    "a squash with a line more": (tampered_squash, [UNRECORDED]),
    "a squash with a file more, merged": (tampered_squash_and_merge, [UNRECORDED, MERGE]),
    "a commit of the web editor": (web_editor, [UNRECORDED]),
}


@pytest.mark.parametrize("name", BUTTONS)
def test_button(forge, name):
    button, expected = BUTTONS[name]
    forge.open()
    button(forge)
    assert [words(one).replace(" SOX607", "") for one in forge.landed(f"{forge.before}..main")] == expected


def test_a_squash_of_one_commit_keeps_its_message_and_so_its_record(forge):
    """The forge puts its own address of the author into it; the person is the same."""
    forge.open(commits=1)
    title, _, body = forge.message("request").decode().partition("\n")
    forge.git("reset", "-q", "--hard", forge.squash(f"{title} (#7)\n{body}"))
    (verdict,) = forge.landed(f"{forge.before}..main")
    assert words(verdict) == MOVED
    assert [entry.rule for entry in verdict.findings] == ["SOX619"]
