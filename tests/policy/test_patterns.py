"""gitignore patterns: what is refused, how simple ones are recognised, and that nothing git matches slips through."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sox_hooks.core.text import decode, encode
from sox_hooks.policy.match import PathMatcher
from sox_hooks.policy.model import PathRule, Policy, Tier
from sox_hooks.policy.patterns import PatternRefused, compile_pattern

REFUSED = [
    ("", "empty"),
    ("!src/**", "takes paths out"),
    ("#src", "comment"),
    ("src/ ", "blank"),
    (" src/", "blank"),
    ("src\\ ", "blank"),
    ("src/\t", "cannot be seen"),
    ("src/\x00", "cannot be seen"),
    ("src/\x1b[31m", "cannot be seen"),
    ("src/\u202egpj", "cannot be seen"),
    ("src\\", "backslash"),
    ("src\\/ledger", "backslash"),
    ("[[:alpha:]]", "POSIX"),
    ("[a[:digit:]]", "POSIX"),
    ("[[.a.]]", "POSIX"),
    ("[\\]]", "backslash"),
    ("[c-a]", "backwards"),
    ("[ab", "not closed"),
    ("[ab/**", "not closed"),
    ("[]", "not closed"),
    ("[!]", "not closed"),
    ("a[/]b", "not closed"),
    ("[é]", "not ASCII"),
    ("***", "three stars"),
    ("a/***/b", "three stars"),
    ("/", "matches nothing"),
    ("//", "matches nothing"),
    ("a//b", "matches nothing"),
    ("./src", "matches nothing"),
    ("src/../lib", "matches nothing"),
    ("*/", "folders only"),
    ("**/", "folders only"),
    ("src/*/", "folders only"),
    ("src/**/", "folders only"),
]


@pytest.mark.parametrize(("source", "reason"), REFUSED)
def test_what_git_would_drop_or_misunderstand_is_refused(source: str, reason: str) -> None:
    with pytest.raises(PatternRefused, match=reason) as caught:
        compile_pattern(source)
    assert caught.value.rule == "SOX007"
    assert caught.value.what.isprintable()
    assert caught.value.fix


KINDS = [
    ("**", "all", ""),
    ("*", "all", ""),
    ("/*", "all", ""),
    ("/**", "all", ""),
    ("**/*", "all", ""),
    ("**/**", "all", ""),
    ("src/ledger/**", "prefix", "src/ledger"),
    ("src/ledger/*", "prefix", "src/ledger"),
    ("src/ledger/**/*", "prefix", "src/ledger"),
    ("/src/Ledger/", "prefix", "src/ledger"),
    ("src/ledger", "exact", "src/ledger"),
    ("/README.md", "exact", "readme.md"),
    ("a\\*b/c", "exact", "a*b/c"),
    ("secrets", "name", "secrets"),
    ("secrets/", "name", "secrets"),
    ("**/secrets", "name", "secrets"),
    ("**/secrets/**", "name", "secrets"),
    ("\\!important", "name", "!important"),
    ("STRASSE", "name", "strasse"),
    ("Straße", "name", "strasse"),
    ("*.Py", "suffix", ".py"),
    ("**/*_test.py", "suffix", "_test.py"),
    ("*é.py", "glob", None),
    ("test_*.py", "glob", None),
    ("**/v[0-9]", "glob", None),
    ("src/*/ledger", "regex", None),
    ("**/a/b", "regex", None),
    ("*/**", "regex", None),
    ("src/**/test", "regex", None),
]


@pytest.mark.parametrize(("source", "kind", "text"), KINDS)
def test_simple_shapes_need_no_regular_expression(source: str, kind: str, text: str | None) -> None:
    pattern = compile_pattern(source)
    assert pattern.source == source
    assert pattern.kind == kind
    if text is not None:
        assert pattern.text == text


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=12) | st.text(alphabet="ab*?[]!-^\\\\/.# é:", max_size=12), st.booleans())
def test_any_text_is_either_refused_or_can_be_matched(source: str, case_sensitive: bool) -> None:
    if usable(source, case_sensitive):
        assert matcher_for([source], case_sensitive).verdict("\udcff/a-é").tier in ("open", "strict")
    else:
        with pytest.raises(PatternRefused, match="pattern"):
            compile_pattern(source, case_sensitive)


def matcher_for(sources: list[str], case_sensitive: bool = False) -> PathMatcher:
    """One rule of the strict tier; everything else is in the loose one."""
    return PathMatcher(
        Policy(
            identity="",
            repository="r",
            version=1,
            case_sensitive=case_sensitive,
            tiers=(Tier("open", "any", 0), Tier("strict", "none", 1)),
            paths=(
                PathRule((compile_pattern("**"),), "open"),
                PathRule(tuple([compile_pattern(source, case_sensitive) for source in sources]), "strict"),
            ),
        )
    )


def hit(source: str, path: str, case_sensitive: bool = False) -> bool:
    return matcher_for([source], case_sensitive).verdict(path).tier == "strict"


TABLE = [
    # pattern, path, matched
    ("src/ledger/**", "src/ledger/a/b.py", True),
    ("src/ledger/**", "src/ledger", True),  # a link or a submodule in the folder's place
    ("src/ledger/**", "src/ledgers/a.py", False),
    ("src/ledger/**", "lib/src/ledger/a.py", False),
    ("src/ledger/**", "SRC/Ledger/A.PY", True),
    ("secrets", "a/secrets/b/c", True),
    ("secrets", "a/secretsx", False),
    ("/secrets", "a/secrets", False),
    ("*.py", "a/b.py", True),
    ("*.py", "a.py/b.txt", True),
    ("*.py", "a.pyc", False),
    ("*.py", ".py", True),
    ("a/*/c", "a/b/c", True),
    ("a/*/c", "a/b/c/d", True),
    ("a/*/c", "a/b/b/c", False),
    ("a/*/c", "a//c", False),
    ("a/**/c", "a/c", True),
    ("a/**/c", "a/x/y/c/d", True),
    ("a/**/c", "ac", False),
    ("*/**", "a", False),
    ("*/**", "a/b", True),
    ("lib*/**", "lib.txt", False),
    ("lib*/**", "libx/y", True),
    ("lib*/", "libx", True),
    ("[!a]b", "xb", True),
    ("[!a]b", "/b", False),
    ("[]-a]", "^", True),
    ("[A-Z]x", "qx", True),
    ("[!A-Z]x", "Qx", True),  # either case is enough
    ("[A-z]", "_", True),
    ("?.md", "é.md", True),  # as a person reads it
    ("??.md", "é.md", True),  # as git does
    ("caf?.md", "cafe\u0301.md", True),
    ("café.md", "CAFE\u0301.MD", True),
    ("ledger*", "ledger\u0301x", True),
    ("x*y", "x\ny", True),
    ("**/b/c", "line\nfeed/b/c", True),
    ("name", "name\n", False),
]


@pytest.mark.parametrize(("source", "path", "matched"), TABLE)
def test_what_a_pattern_matches(source: str, path: str, matched: bool) -> None:
    assert hit(source, path) is matched


def test_case_counts_when_the_policy_says_so() -> None:
    assert not hit("src/ledger/**", "SRC/ledger/a", case_sensitive=True)
    assert not hit("[A-Z]x", "qx", case_sensitive=True)
    assert hit("[A-Z]x", "Qx", case_sensitive=True)
    assert hit("café", "cafe\u0301", case_sensitive=True)


def test_paths_that_are_not_utf8_are_matched() -> None:
    path = decode(b"src/ledger/caf\xe9.py")
    assert hit("src/ledger/**", path)
    assert hit("*.py", path)
    assert hit("caf?.py", path)
    assert not hit("lib/**", path)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("*a*a*a*a*a*a*a*b", "a" * 4000),
        ("?*a*a?a*a*a*[a-b]*c", "a" * 4000),
        ("**/a/**/a/**/a/**/b", "a/" * 2000 + "c"),
        ("**/*a/**/*a*/**/a*a*a/**/b", "aaaaaaaa/" * 400 + "c"),
    ],
)
def test_a_hostile_path_cannot_stop_the_gate(source: str, path: str) -> None:
    started = time.process_time()
    assert not hit(source, path)
    assert time.process_time() - started < 5  # it takes milliseconds; without atomic groups, hours


# The differential test. One git process judges many patterns: each has its own folder with a .gitignore.

NAMES = ["a", "b", "ab", "ba", "A", "aB", ".a", "a.b", "é", "e\u0301", "a\n", "b-", "_", "a]", "*", "x\\", "ä\u0301b"]
PARTS = ["a", "b", "A", ".", "*", "**", "?", "[ab]", "[!a]", "[A-Z]", "[!A-Z]", "[^b]", "é", "\\*", "]", "-", "_", "/"]
PATHS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join)
BYTE_PATHS = st.builds(lambda path, junk: decode(encode(path) + junk), PATHS, st.sampled_from([b"", b"\xff", b"\xc3"]))
SOURCES = st.lists(st.sampled_from(PARTS), min_size=1, max_size=7).map("".join)


def git_matches(folder: Path, sources: list[str], paths: list[str], ignore_case: bool) -> set[tuple[int, str]]:
    for number, source in enumerate(sources):
        (folder / str(number)).mkdir(exist_ok=True)
        (folder / str(number) / ".gitignore").write_bytes(encode(source) + b"\n")
    asked = b"".join(encode(f"{number}/{path}") + b"\0" for number in range(len(sources)) for path in paths)
    done = subprocess.run(
        ["git", "-c", f"core.ignorecase={str(ignore_case).lower()}", "check-ignore", "--no-index", "--stdin", "-z"],
        cwd=folder,
        input=asked,
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    answers = [decode(raw).split("/", 1) for raw in done.stdout.split(b"\0")[:-1]]
    return {(int(number), path) for number, path in answers}


def usable(source: str, case_sensitive: bool) -> bool:
    try:
        compile_pattern(source, case_sensitive)
    except PatternRefused:
        return False
    return True


def compare(repo, sources: list[str], paths: list[str], case_sensitive: bool, ignore_case: bool) -> None:
    sources = [source for source in sources if usable(source, case_sensitive)]
    paths = sorted(set(paths))
    below = {path: f"{path}/zz" for path in paths}
    theirs = git_matches(repo.path, sources, [*paths, *below.values()], ignore_case)
    for number, source in enumerate(sources):
        matcher = matcher_for([source], case_sensitive)
        for path in paths:
            ours = matcher.verdict(path).tier == "strict"
            git = (number, path) in theirs
            if git:
                assert ours, f"{source!r} must match {path!r}: git does"
            elif ours and case_sensitive and path.isascii() and not ignore_case:
                # The one way to match more than git: the folder itself, in whose place a link may stand.
                assert source.endswith(("/", "*")), f"{source!r} must not match {path!r}: git does not"
                assert (number, below[path]) in theirs


SETTINGS = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@SETTINGS
@given(
    sources=st.lists(SOURCES, min_size=20, max_size=40),
    paths=st.lists(PATHS | BYTE_PATHS, min_size=20, max_size=40),
    case_sensitive=st.booleans(),
)
def test_nothing_that_git_matches_is_missed(repo, sources, paths, case_sensitive) -> None:
    compare(repo, sources, paths, case_sensitive, ignore_case=False)


@SETTINGS
@given(sources=st.lists(SOURCES, min_size=20, max_size=40), paths=st.lists(PATHS, min_size=20, max_size=40))
def test_nothing_is_missed_where_git_ignores_case(repo, sources, paths) -> None:
    compare(repo, sources, paths, False, ignore_case=True)


def test_the_table_agrees_with_git(repo) -> None:
    sources = sorted({source for source, _, _ in TABLE} | {source for source, _, _ in KINDS})
    paths = sorted({path for _, path, _ in TABLE if "//" not in path and path[0] != "/"})
    compare(repo, sources, paths, True, ignore_case=False)
    compare(repo, sources, paths, False, ignore_case=True)
