"""Scanning real repositories: raw commits, kinds of authors, tiers, and nothing that git would make of them."""

from __future__ import annotations

import pytest

from sox_hooks.core.errors import CannotVerify
from sox_hooks.detection.catalogue import Catalogue
from sox_hooks.detection.inventory import Inventory, day
from sox_hooks.detection.scan import Scanned, scan, with_tiers
from sox_hooks.git.run import Git
from sox_hooks.policy.facts import Evidence
from sox_hooks.policy.match import PathMatcher
from sox_hooks.policy.model import PathRule, Pattern, Policy, Tier

CLAUDE = "\n\nCo-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>"


def scanned(repo, catalogue: Catalogue, *revisions: str) -> list[Scanned]:
    return list(scan(Git(str(repo.path)), catalogue, revisions or ("HEAD",)))


def raw_commit(repo, content: bytes) -> str:
    """A commit object with exactly these bytes; git's own checks are left out."""
    return repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=content)


def test_every_commit_newest_first(repo, catalogue: Catalogue) -> None:
    ids = [repo.commit("first"), repo.commit("second" + CLAUDE), repo.commit("third")]
    found = scanned(repo, catalogue)
    assert [commit.commit for commit in found] == ids[::-1]
    assert [commit.flagged for commit in found] == [False, True, False]
    assert [commit.tools for commit in found] == [(), ("claude-code",), ()]
    assert found[1].subject == b"second"
    assert found[1].confidence == "high"


@pytest.mark.parametrize(
    ("name", "mail", "kind", "flagged", "tools"),
    [
        ("Alice Ng", "alice@bank.example", "person", False, ()),
        ("Claude", "noreply@anthropic.com", "ai", True, ("claude-code",)),
        ("Copilot", "198982749+Copilot@users.noreply.github.com", "ai", True, ("copilot-agent",)),
        ("Alice Ng (aider)", "alice@bank.example", "ai", True, ("aider",)),
        ("goose", "opensource@block.xyz", "ai", False, ("goose",)),
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", "bot", False, ()),
        ("Claude Dupont", "claude@dupont.fr", "person", False, ()),
    ],
)
def test_kinds_of_authors(repo, catalogue: Catalogue, name: str, mail: str, kind: str, flagged: bool, tools) -> None:
    repo.commit("x", GIT_AUTHOR_NAME=name, GIT_AUTHOR_EMAIL=mail)
    (commit,) = scanned(repo, catalogue)
    assert (commit.author_kind, commit.flagged, commit.tools) == (kind, flagged, tools)


def test_a_committer_is_evidence_but_not_the_author(repo, catalogue: Catalogue) -> None:
    repo.commit("x", GIT_COMMITTER_NAME="Claude", GIT_COMMITTER_EMAIL="noreply@anthropic.com")
    (commit,) = scanned(repo, catalogue)
    assert (commit.author_kind, commit.flagged) == ("person", True)


def test_dates_are_those_of_the_author_and_the_committer(repo, catalogue: Catalogue) -> None:
    repo.commit("x", GIT_AUTHOR_DATE="1600000000 +0900", GIT_COMMITTER_DATE="1700000000 +0000")
    (commit,) = scanned(repo, catalogue)
    assert (commit.authored, commit.committed) == (1600000000, 1700000000)


def test_what_git_would_hide_is_seen(repo, catalogue: Catalogue) -> None:
    """.mailmap, replacements, a NUL and an encoding change what `git log` shows; the commits stay what they are."""
    repo.write(".mailmap", "Alice <alice@bank.example> <noreply@anthropic.com>\n")
    first = repo.commit("x", GIT_AUTHOR_NAME="Claude", GIT_AUTHOR_EMAIL="noreply@anthropic.com")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    head = f"tree {tree}\nparent {first}\nauthor A <a@b.example> 1 +0000\ncommitter A <a@b.example> 1 +0000\n".encode()
    behind_nul = raw_commit(repo, head + b"\nsubject\n\0\n" + CLAUDE.encode() + b"\n")
    latin = raw_commit(repo, head + b"encoding ISO-8859-1\n\nZo\xeb" + CLAUDE.encode() + b"\n")
    for oid in (first, behind_nul, latin):
        repo.git("replace", "-f", oid, repo.git("commit-tree", "-m", "innocent", tree))
        env = {"GIT_NO_REPLACE_OBJECTS": "1"}
        git = Git(str(repo.path), {**Git().env, **env})
        (commit,) = scan(git, catalogue, ("--no-walk", oid))
        assert commit.tools == ("claude-code",)


@pytest.mark.parametrize(
    "content",
    [
        b"tree %s\n\n",
        b"tree %s\nauthor\ncommitter",
        b"tree %s\nauthor\ncommitter\n\nx",
        b"tree %s\nauthor A <a@b> not-a-date\ncommitter A <a@b> 99999999999999999999 +0000\n\nx",
        b"tree %s\nauthor A <a@b\ncommitter > <\n\nx",
        b"tree %s\nauthor A\n\n\0",
    ],
)
def test_malformed_commits_are_survived(repo, catalogue: Catalogue, content: bytes) -> None:
    repo.commit("x")
    oid = raw_commit(repo, content % repo.git("rev-parse", "HEAD^{tree}").encode())
    (commit,) = scan(Git(str(repo.path)), catalogue, ("--no-walk", "--end-of-options", oid))
    assert (commit.flagged, commit.authored, commit.committed) == (False, -1, -1)


def test_a_declaration_without_a_tool_counts(repo, catalogue: Catalogue) -> None:
    repo.commit("x\n\nAI-Assistance: assisted")
    repo.commit("x\n\nAI-Assistance: none")
    none, assisted = scanned(repo, catalogue)
    assert (assisted.flagged, assisted.tools) == (True, ("llm",))
    assert (none.flagged, none.confidence) == (False, "")


def test_weak_signs_do_not_flag(repo, catalogue: Catalogue) -> None:
    repo.commit("Merge pull request #1 from bank/claude/fix")
    (commit,) = scanned(repo, catalogue)
    assert (commit.flagged, commit.confidence, commit.tools) == (False, "low", ("claude-code",))


def test_a_missing_revision_is_no_silence(repo, catalogue: Catalogue) -> None:
    repo.commit("x")
    with pytest.raises(CannotVerify, match="nonsense"):
        scanned(repo, catalogue, "--end-of-options", "nonsense", "--")


def test_sha256_repositories(make_repo, catalogue: Catalogue) -> None:
    repo = make_repo("sha256", "--object-format=sha256")
    oid = repo.commit("x" + CLAUDE)
    assert len(oid) == 64
    assert [commit.commit for commit in scanned(repo, catalogue)] == [oid]


def _policy() -> Policy:
    tiers = (Tier("open", "any", 0), Tier("controlled", "approved", 1), Tier("restricted", "none", 2))
    rules = (
        PathRule((Pattern("**", "all", ""),), "open"),
        PathRule((Pattern("src/", "prefix", "src"),), "controlled"),
        PathRule((Pattern("src/ledger/", "prefix", "src/ledger"),), "restricted"),
    )
    return Policy("0" * 40, "bank/ledger", 1, tiers=tiers, paths=rules)


def _tiers(repo, catalogue: Catalogue) -> list[str]:
    policy = _policy()
    git = Git(str(repo.path))
    return [commit.tier for commit in with_tiers(git, policy, PathMatcher(policy), scan(git, catalogue, ("HEAD",)))]


def test_the_strictest_tier_that_a_commit_touches(repo, catalogue: Catalogue) -> None:
    repo.commit("root" + CLAUDE, {"README": "x", "src/ledger/post.py": "x"})
    repo.commit("open" + CLAUDE, {"README": "y"})
    repo.commit("controlled" + CLAUDE, {"README": "z", "src/app.py": "x"})
    repo.commit("a person", {"src/ledger/post.py": "y"})
    repo.git("mv", "src/ledger/post.py", "moved.py")
    repo.commit("renamed out of it" + CLAUDE)
    repo.commit("nothing" + CLAUDE)
    assert _tiers(repo, catalogue) == ["", "restricted", "", "controlled", "open", "restricted"]


def test_paths_that_look_like_something_else(repo, catalogue: Catalogue) -> None:
    first = repo.commit("x" + CLAUDE, {"README": "x"})
    repo.commit("y" + CLAUDE, {first: "a file named like a commit", "src/a\nb": "x"})
    repo.commit("z" + CLAUDE, {":odd": "x", "tab\t": "y"})
    assert _tiers(repo, catalogue) == ["open", "controlled", "open"]


def test_a_clean_merge_touches_nothing_itself(repo, catalogue: Catalogue) -> None:
    repo.commit("root", {"a": "1"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("side", {"src/ledger/post.py": "x"})
    repo.git("checkout", "-q", "main")
    repo.commit("main", {"b": "1"})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge" + CLAUDE, "side")
    assert _tiers(repo, catalogue)[0] == ""


def test_many_commits_keep_their_order_with_tiers(repo, catalogue: Catalogue) -> None:
    commit = (
        b"commit refs/heads/main\ncommitter A <a@b.example> %d +0000\ndata <<END\nx%s\nEND\n"
        b"M 644 inline %s\ndata 1\n%d\n"
    )
    stream = b"".join(
        commit % (n, CLAUDE.encode() if n % 3 == 0 else b"", b"src/ledger/x" if n % 2 else b"README", n % 10)
        for n in range(1, 1301)
    )
    repo.git("fast-import", "--quiet", data=stream)
    policy, git = _policy(), Git(str(repo.path))
    found = list(with_tiers(git, policy, PathMatcher(policy), scan(git, catalogue, ("main",))))
    assert [commit.committed for commit in found] == list(range(1300, 0, -1))
    for commit in found:
        expected = ("restricted" if commit.committed % 2 else "open") if commit.committed % 3 == 0 else ""
        assert commit.tier == expected


def _commit(
    tool: str, grade: str, when: int, author: bytes = b"A <a@b>", kind: str = "person", tier: str = ""
) -> Scanned:
    evidence = (Evidence(tool, grade, "trailer", "x"),) if tool else ()
    return Scanned("0" * 40, author, kind, b"x", when, when, evidence, tier)


def test_counting(catalogue: Catalogue) -> None:
    inventory = Inventory()
    for commit in (
        _commit("codex", "high", 1_700_000_000, tier="open"),
        _commit("codex", "medium", 1_702_000_000, kind="ai", tier="restricted"),
        _commit("amp", "high", 1_702_000_000, b"B <b@c>"),
        _commit("amp", "low", 1_702_000_000),
        _commit("", "", 1_702_000_000),
        _commit("codex", "high", -1),
    ):
        inventory.add(commit)
    assert (inventory.commits, inventory.flagged, inventory.weak) == (6, 4, 1)
    assert inventory.tiers == {"open": 1, "restricted": 1}
    assert inventory.authors == {b"A <a@b>": 3, b"B <b@c>": 1}
    codex, amp = inventory.tools(catalogue)
    assert codex == {
        "tool": "codex", "name": "Codex", "vendor": "OpenAI", "commits": 3, "high": 2, "medium": 1,
        "authors": {"person": 2, "ai": 1, "bot": 0}, "tiers": {"open": 1, "restricted": 1},
        "first": "2023-11-14", "last": "2023-12-08",
    }  # fmt: skip
    assert (amp["tool"], amp["commits"]) == ("amp", 1)
    assert inventory.by_months() == [
        {"month": "2023-11", "commits": 1, "assisted": 1, "tools": {"codex": 1}},
        {"month": "2023-12", "commits": 4, "assisted": 2, "tools": {"amp": 1, "codex": 1}},
        {"month": "unknown", "commits": 1, "assisted": 1, "tools": {"codex": 1}},
    ]


def test_two_tools_count_for_both_and_the_commit_once(catalogue: Catalogue) -> None:
    inventory = Inventory()
    two = (Evidence("codex", "high", "trailer", "x"), Evidence("amp", "medium", "footer", "y"))
    unnamed = (*two, Evidence("", "high", "trailer", "z"), Evidence("pi", "low", "trailer", "w"))
    inventory.add(Scanned("0" * 40, b"A <a@b>", "person", b"x", 0, 0, unnamed, ""))
    assert inventory.flagged == 1
    assert {table["tool"]: table["commits"] for table in inventory.tools(catalogue)} == {"codex": 1, "amp": 1}
    assert inventory.by_months()[0]["assisted"] == 1


def test_days() -> None:
    assert (day(-1), day(0), day(1_700_000_000)) == ("", "1970-01-01", "2023-11-14")
