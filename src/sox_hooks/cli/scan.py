"""Take stock of the AI attribution in any history; no set-up and no records are needed.

Reads commit messages, authors and committers, and counts the signs of AI tools by tool, month (of the author's date),
kind of author and, where there is a policy, by the strictest tier that a commit touches. Only explicit signs count:
trailers, footers, addresses and accounts; and what git-ai's notes and Agent Trace records say, which is counted apart.
Use of AI that left no trace cannot be found by anybody.
"""

from __future__ import annotations

import os
import sys

from sox_hooks.core.errors import PASS, UsageError
from sox_hooks.core.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from sox_hooks.detection.catalogue import Catalogue
    from sox_hooks.detection.scan import Scanned
    from sox_hooks.git.run import Git
    from sox_hooks.policy.model import Policy

FORMATS = ("text", "json", "jsonl", "csv")
# Where other tools keep attribution that is not in the commits. It is not read, only named.
_ELSEWHERE = {
    "refs/notes/ai-attribution": "Qwen Code",
    "refs/notes/exceeds-ink": "Exceeds",
    "refs/notes/claude-conversations": "Claudit",
    "refs/heads/entire/checkpoints/v1": "Entire",
    "refs/remotes/origin/entire/checkpoints/v1": "Entire",
}


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks scan --help`."""
    parser.add_argument("range", nargs="*", metavar="RANGE", help="revisions as git takes them (default: HEAD)")
    parser.add_argument("--all", action="store_true", help="everything that any branch, tag or remote branch reaches")
    parser.add_argument("--commits", action="store_true", help="list the commits too, each with its evidence")
    parser.add_argument("--weak", action="store_true", help="with --commits: also those with weak signs only")
    parser.add_argument(
        "--policy", default="", metavar="FOLDER", help="a folder with policy.toml (default: .sox/ of HEAD, if any)"
    )
    parser.add_argument(
        "--format", choices=FORMATS, default=FORMATS[0], help=f"how to print it (default: {FORMATS[0]})"
    )


def run(options: Namespace) -> int:
    """Scan and print. What is found is no failure: the exit code is 0."""
    from sox_hooks.cli import scan_formats
    from sox_hooks.detection.catalogue import builtin, merged
    from sox_hooks.detection.recorded_elsewhere import Recorders, with_recorders
    from sox_hooks.detection.scan import scan, with_tiers
    from sox_hooks.git.run import Git, desk_environment

    # A replacement or a graft of this clone must not stand in for what was committed.
    git = Git(env={**desk_environment(os.environ), "GIT_NO_REPLACE_OBJECTS": "1"})
    revisions = _revisions(git, options)
    policy, origin = _policy(git, options.policy)
    catalogue: Catalogue = builtin()
    commits: Iterator[Scanned] = iter(())
    if policy is not None:
        catalogue = merged(catalogue, policy.catalogue)
    problem = ""
    if revisions:
        recorders = Recorders(git, catalogue, revisions)
        commits = with_recorders(recorders, scan(git, catalogue, revisions))
        problem = recorders.problem
    if policy is not None:
        from sox_hooks.policy.match import PathMatcher

        commits = with_tiers(git, policy, PathMatcher(policy), commits)
    about = scan_formats.About(
        range="--all" if options.all else " ".join(options.range) or "HEAD",
        policy=origin,
        tiers=tuple([tier.name for tier in sorted(policy.tiers, key=lambda tier: -tier.rank)]) if policy else (),
        shallow=bool(revisions) and git.line("rev-parse", "--is-shallow-repository") == "true",
        elsewhere=_elsewhere(git),
        problem=problem,
    )
    for piece in scan_formats.render(
        options.format,
        commits,
        catalogue,
        about,
        listed=options.commits or options.format == "jsonl",
        weak=options.weak,
    ):
        sys.stdout.write(piece)
    return PASS


def _revisions(git: Git, options: Namespace) -> tuple[str, ...]:
    """Arguments for `git rev-list`; none for a repository without commits. Raises `UsageError`."""
    from sox_hooks.git.run import GitFailed, checked

    if options.all and options.range:
        raise UsageError("scan: --all leaves no room for a range", fix="sox-hooks scan --all")
    if options.all:
        return ("--all",)
    words = tuple(options.range) or ("HEAD",)
    arguments = ("--end-of-options", *words, "--")  # neither options nor paths
    result = git.result("rev-list", "--max-count=0", *arguments)
    if result.code == 0:
        return arguments
    try:
        checked(result)  # says what is wrong with the repository, if that is it
    except GitFailed as failure:
        if not options.range and b"HEAD" in result.err:
            return ()
        said = printable(" ".join(words), 100)
        raise UsageError(
            f"scan: this repository has no commits {said!r}",
            why=f"{failure.what}; a clone that is shallow or of one branch lacks the others",
            fix="sox-hooks scan origin/main, or: git fetch --unshallow",
        ) from failure
    return ()


def _policy(git: Git, folder: str) -> tuple[Policy | None, str]:
    """The policy and where it was read. The one in HEAD is used if it can be; one that was asked for must be usable."""
    from sox_hooks.core.lines import finding_lines
    from sox_hooks.policy.load import load, load_or_fail
    from sox_hooks.policy.source import PolicyFiles

    if folder:
        files = []
        try:
            for name in sorted(os.listdir(folder)):
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        files.append((name, file.read()))
        except OSError as error:
            raise UsageError(
                f"scan: the policy cannot be read: {printable(os.strerror(error.errno or 0))}",
                where=folder,
                fix="name the folder that holds policy.toml: --policy .sox",
            ) from error
        return load_or_fail(PolicyFiles("", tuple(files), folder)), folder
    from sox_hooks.git.objects import ObjectReader
    from sox_hooks.git.policy_files import FOLDER, read_policy_tree

    origin = f"HEAD:{FOLDER}"
    with ObjectReader(git) as reader:
        found = reader.read(origin)
        if found is None or found[1] != "tree":
            return None, ""
        policy, findings = load(PolicyFiles(found[0], read_policy_tree(reader, found[0]), origin))
    if policy is None:
        sys.stderr.write("sox-hooks: the policy of HEAD cannot be used, so there are no tiers in this inventory\n")
        sys.stderr.write("\n".join(finding_lines(findings[0])) + "\n")
        return None, ""
    return policy, origin


def _elsewhere(git: Git) -> tuple[str, ...]:
    refs = git.result("for-each-ref", "--format=%(refname)", *_ELSEWHERE).out.decode("utf-8", "replace").split("\n")
    return tuple([f"{ref} ({_ELSEWHERE[ref]})" for ref in refs if ref in _ELSEWHERE])
