"""Check, show and try out the policy in .sox/.

Without --ref the files of the work tree are read, so that a change can be tried before it is committed. With --ref it
is the policy as it stands at that ref, for example the one in force: --ref origin/main.
"""

from __future__ import annotations

import sys

from sox_hooks import __version__
from sox_hooks.cli.parser import add_format, add_verbs
from sox_hooks.core import clock
from sox_hooks.core.errors import PASS, EnvironmentProblem, UsageError
from sox_hooks.core.text import printable
from sox_hooks.git.objects import ObjectReader
from sox_hooks.git.policy_files import FOLDER, read_policy_folder, read_policy_tree
from sox_hooks.git.repository import find_repository, require_work_tree
from sox_hooks.git.run import Git
from sox_hooks.policy.load import load, load_or_fail
from sox_hooks.policy.schema import FILES, schema_text
from sox_hooks.policy.source import PolicyFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add_arguments(parser: ArgumentParser) -> None:
    """See `sox-hooks policy --help`."""
    verbs = add_verbs(parser)
    lint = verbs.add_parser(
        "lint",
        help="find what is wrong or missing",
        description="Find what is wrong or missing in the files of .sox/.\n\n"
        "Exit code 0: nothing that keeps it from being used; 1: errors.",
    )
    add_format(lint)
    trial = verbs.add_parser(
        "test",
        help="which tools may work on a path, and why",
        description="Say which tier and which pattern decide about a path, and which tools may be used on it.",
    )
    trial.add_argument("path", nargs="+", metavar="PATH", help="a path; it need not exist")
    trial.add_argument("--tool", metavar="TOOL", help="only this tool: its id, with @VERSION and :MODEL if they matter")
    trial.add_argument(
        "--person", metavar="PERSON", help="for this person, by id or address: trainings and exceptions count"
    )
    show = verbs.add_parser("show", help="the policy in words", description="Show the whole policy in words.")
    tools = verbs.add_parser(
        "tools",
        help="the AI tools that can be recognised",
        description="List the AI tools that can be recognised, and what the policy says about each.",
    )
    for verb in (lint, trial, show, tools):
        verb.add_argument("--ref", default="", metavar="REF", help="read .sox/ from this commit, not the work tree")
    schema = verbs.add_parser(
        "schema",
        help="the JSON Schema of a file",
        description="Print the JSON Schema (draft-07) of a file of .sox/, for editors.",
    )
    schema.add_argument("file", nargs="?", choices=tuple(FILES), default="policy", help="the file (default: policy)")


def run(options: Namespace) -> int:
    """Do what the verb says."""
    if options.verb == "schema":
        sys.stdout.write(schema_text(options.file))
        return PASS
    files = read_files(options.ref)
    if options.verb == "lint":
        return _lint(files, options.format)
    policy = load_or_fail(files)
    if options.verb == "show":
        from sox_hooks.output.policy_text import render

        sys.stdout.write(render(policy, files.origin))
    elif options.verb == "tools":
        from sox_hooks.cli.policy_trial import known_tools

        sys.stdout.write(known_tools(policy))
    else:
        from sox_hooks.cli.policy_trial import from_top, trial

        paths = from_top(options.path, find_repository(Git()).top)
        sys.stdout.write(trial(policy, paths, options.tool, options.person))
    return PASS


def read_files(ref: str) -> PolicyFiles:
    """The files of `.sox/` at a ref, or of the work tree for "". Raises `SoxError` where there are none."""
    git = Git()
    repository = find_repository(git)
    if not ref:
        require_work_tree(repository)
        try:
            found = read_policy_folder(repository.top, repository.object_format)
        except OSError as error:
            raise EnvironmentProblem(
                f"{FOLDER}/ cannot be read: {error.strerror}", where=printable(str(error.filename))
            ) from error
        if found is None:
            raise UsageError(f"there is no {FOLDER}/ folder in this work tree", fix="sox-hooks init")
        return PolicyFiles(*found, origin=FOLDER)
    with ObjectReader(git) as reader:
        tree = reader.read(f"{ref}:{FOLDER}")
        if tree is None and reader.read(f"{ref}^{{commit}}") is None:
            raise UsageError(f"there is no commit {printable(ref, 100)!r} here", fix="git fetch, or correct the name")
        if tree is None or tree[1] != "tree":
            raise UsageError(f"there is no {FOLDER}/ folder at {printable(ref, 100)}", fix="sox-hooks init")
        return PolicyFiles(tree[0], read_policy_tree(reader, tree[0]), f"{ref}:{FOLDER}")


def _lint(files: PolicyFiles, form: str) -> int:
    from sox_hooks.output.formats import write
    from sox_hooks.output.report import Report

    policy, findings = load(files)
    checked = [("files", f"{files.origin} ({', '.join([name for name, _ in files.files])})"), ("tree", files.identity)]
    if policy is not None:
        from sox_hooks.policy.lint import lint

        findings += lint(policy, clock.day(clock.now()))
        checked.append(("version", str(policy.version)))
    return write(Report("policy lint", __version__, tuple(checked), None, findings), form)
