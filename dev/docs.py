"""Writes the reference pages that are made from the program: rules, commands, policy files, exit codes, man page.

`docs/conf.py` calls `generate` at every build, so the pages never go stale; git ignores them. To look at them without
a build: python dev/docs.py. To build everything: python dev/docs.py build
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sox_hooks.cli.describe import Argument, Description, describe
from sox_hooks.cli.main import COMMANDS, parser_of
from sox_hooks.core import errors
from sox_hooks.policy.rules import RULES, Rule, group
from sox_hooks.policy.schema import FILES, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
GENERATED = "<!-- Made by dev/docs.py. Change what it is made from, not this page. -->\n"

EXIT_CODES = (
    (errors.PASS, "Pass: everything that was asked for is as it should be."),
    (errors.FINDING, "At least one finding of severity error: the policy, a record or a signature."),
    (errors.USAGE, "The command line, the configuration or the machine is at fault; nothing was judged."),
    (errors.INTERNAL, "An internal error. A crash report was written; please send it in."),
    (errors.CANNOT_VERIFY, "No verdict: something that is needed is missing, such as history in a shallow clone."),
)

ENVIRONMENT = (
    ("NO_COLOR", "Not empty: no colours. It beats the next two."),
    ("FORCE_COLOR, CLICOLOR_FORCE", "Neither empty nor 0: colours, also where the output is not a terminal."),
    ("SOX_HOOKS_DOCS_URL", "Where your copy of this documentation is served; findings then link to their rule's page."),
    ("XDG_STATE_HOME", "sox-hooks/ in it has crash reports and the verifier's key; ~/.local/state if it is not set."),
)


def generate(folder: Path) -> None:
    """Write all generated pages below `folder`, which is `docs/reference`."""
    pages = {
        "commands.md": commands_page(),
        "policy-files.md": policy_files_page(),
        "exit-codes.md": exit_codes_page(),
        "man.md": man_page(),
        "rules/index.md": rules_page(),
        **{f"rules/{rule.id}.md": rule_page(rule) for rule in RULES.values()},
    }
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # A page that has not changed keeps its time, so that Sphinx does not read it again.
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for stale in (folder / "rules").glob("SOX*.md"):
        if stale.stem not in RULES:
            stale.unlink()


def rule_page(rule: Rule) -> str:
    """One rule: what it means, why it exists, how to mend it."""
    return "\n".join(
        [
            GENERATED,
            f"# {rule.id} {rule.name}",
            "",
            table(
                ("Severity", "Group", "Explained by"),
                [(rule.severity, group(rule.id), f"`sox-hooks explain {rule.id}`")],
            ),
            escaped(rule.summary),
            "",
            "## Why",
            "",
            escaped(rule.why),
            "",
            "## How to mend it",
            "",
            escaped(rule.fix),
            "",
        ]
    )


def rules_page() -> str:
    """All rules, by group."""
    lines = [
        GENERATED,
        "# Rules",
        "",
        "Every finding names a rule. Ids never change their meaning and are never used again. Only findings of",
        "severity `error` refuse a commit or fail a check.",
        "",
    ]
    for heading in dict.fromkeys(group(rule_id) for rule_id in RULES):
        rows = [
            (f"[{rule.id}]({rule.id}.md)", rule.name, rule.severity, escaped(rule.summary))
            for rule in RULES.values()
            if group(rule.id) == heading
        ]
        lines += [f"## {heading.capitalize()}", "", table(("Rule", "Name", "Severity", "What it says"), rows)]
    lines += ["```{toctree}", ":hidden:", "", *RULES, "```", ""]
    return "\n".join(lines)


def commands_page() -> str:
    """Every command with its arguments, from the parsers."""
    lines = [
        GENERATED,
        "# Commands",
        "",
        table(
            ("Command", "What it does"), [(f"[`{name}`](#{name})", command.help) for name, command in COMMANDS.items()]
        ),
        "Options cannot be shortened. `sox-hooks COMMAND --help` prints what stands here.",
        "",
    ]
    for name in COMMANDS:
        described = describe(parser_of(name), (name,))
        lines += [
            f"({name})=",
            f"## {name}",
            "",
            prose(described.text),
            "",
            *usage_and_arguments(described),
        ]
        for verb in described.verbs:
            lines += [f"### {' '.join(verb.path)}", "", prose(verb.text), "", *usage_and_arguments(verb)]
    return "\n".join(lines)


def usage_and_arguments(node: Description) -> list[str]:
    """The usage line as code, and a table of arguments."""
    lines = ["```text", node.usage, "```", ""]
    rows = [(f"`{spelling(argument)}`", escaped(said(argument))) for argument in arguments_of(node)]
    return [*lines, table(("Argument", "Meaning"), rows)] if rows else lines


def arguments_of(node: Description) -> list[Argument]:
    """All but --help, which every command has."""
    return [argument for argument in node.arguments if "--help" not in argument.names]


def spelling(argument: Argument) -> str:
    """`--format FORMAT`, or the name of a positional argument."""
    value = argument.value
    if not argument.names and argument.choices and value.islower():  # no name of its own
        value = "|".join(argument.choices)
    return " ".join(filter(None, (", ".join(argument.names), value)))


def said(argument: Argument) -> str:
    """The help of an argument, with its choices where there are a few."""
    few = 0 < len(argument.choices) < 10 and bool(argument.names)
    return argument.help + (f". One of: {', '.join(argument.choices)}" if few else "")


def policy_files_page() -> str:
    """The keys of the three TOML files, from the schemas that editors use."""
    lines = [
        GENERATED,
        "# Policy files",
        "",
        "The keys of the TOML files in `.sox/`. `sox-hooks policy schema FILE` prints the JSON Schema of a file for",
        "your editor; the loader checks by the same description, and by more: references, the order of dates.",
        "",
    ]
    for name in FILES:
        lines += [f"## {name}.toml", ""]
        for heading, rows in tables_of(schema(name), ""):
            lines += [f"### {heading}", ""] if heading else []
            lines.append(table(("Key", "Value", "Needed", "Meaning"), rows))
    return "\n".join(lines)


def tables_of(shape: dict[str, Any], header: str) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Every table of a schema: its header as TOML writes it, and a row for each key; parents first."""
    rows: list[tuple[str, ...]] = []
    inner: list[tuple[dict[str, Any], str]] = []
    for key, value in shape.get("properties", {}).items():
        path = f"{header.strip('[]')}.{key}" if header else key
        nested = list(nested_tables(value, path))
        inner += nested
        kind = " or ".join(dict.fromkeys(f"`{place}`" for _, place in nested)) or value_in_words(value)
        needed = "yes" if key in shape.get("required", ()) else ""
        rows.append((f"`{key}`", kind, needed, escaped(value.get("description", "")) + default_in_words(value)))
    if rows:
        yield f"`{header}`" if header else "", rows
    for table_shape, place in inner:
        yield from tables_of(table_shape, place)


def nested_tables(value: dict[str, Any], path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The tables below a key, each with its header."""
    if "properties" in value:
        yield value, f"[{path}]"
    elif isinstance(value.get("additionalProperties"), dict):
        yield from nested_tables(value["additionalProperties"], f"{path}.NAME")
    elif value.get("type") == "array" and "properties" in value.get("items", {}):
        yield value["items"], f"[[{path}]]"


def value_in_words(value: dict[str, Any]) -> str:
    """The type of a value as people say it."""
    if "enum" in value:
        return ", ".join(f"`{choice}`" for choice in value["enum"])
    if "anyOf" in value:
        return value_in_words(value["anyOf"][0])
    if value.get("type") == "array":
        return f"array of {value_in_words(value['items'])}"
    if value.get("format") == "date":
        return "date"
    words = {"string": "text", "integer": "whole number", "boolean": "`true` or `false`", "object": "table"}
    return words.get(value.get("type", ""), "table")


def default_in_words(value: dict[str, Any]) -> str:
    """What holds where a key is left out."""
    default = value.get("default")
    if default is None or default == "":
        return ""
    return f". Default: `{str(default).lower() if isinstance(default, bool) else default}`"


def exit_codes_page() -> str:
    """The exit codes of every command."""
    return "\n".join(
        [
            GENERATED,
            "# Exit codes",
            "",
            "They are the same for every command.",
            "",
            table(("Code", "Meaning"), [(str(code), meaning) for code, meaning in EXIT_CODES]),
            "A shell shows 130 for a command that was interrupted (Ctrl-C), and 141 where whoever read the output went",
            "away before its end. Under pre-commit git sees only 0 and 1.",
            "",
        ]
    )


def man_page() -> str:
    """The whole reference as one page in the sections of a man page."""
    lines = [
        "---\norphan: true\n---\n",
        GENERATED,
        "# sox-hooks",
        "",
        "## Synopsis",
        "",
        "**sox-hooks** *COMMAND* [*ARGUMENTS*]",
        "",
        "## Description",
        "",
        "Tags commits with AI-assistance trailers, refuses restricted changes by unapproved AI tools, and signs a",
        "record that CI and auditors verify later.",
        "",
        "## Commands",
        "",
    ]
    for name in COMMANDS:
        described = describe(parser_of(name), (name,))
        for node in (described, *described.verbs):
            lines += [f"### {' '.join(node.path)}", "", prose(node.text), ""]
            lines += [f"`{node.usage}`", ""]
            for argument in arguments_of(node):
                lines += [f"**{escaped(spelling(argument))}**", f": {escaped(said(argument))}", ""]
    lines += ["## Exit status", ""]
    for code, meaning in EXIT_CODES:
        lines += [f"**{code}**", f": {meaning}", ""]
    lines += ["## Environment", ""]
    for name, meaning in ENVIRONMENT:
        lines += [f"**{escaped(name)}**", f": {escaped(meaning)}", ""]
    lines += ["## Files", "", "**.sox/**", ": The policy of the repository.", ""]
    lines += ["**sox-hooks/** in the git directory", ": The audit log of this clone, and caches.", ""]
    lines += ["## See also", "", "git(1), githooks(5), ssh-keygen(1)", ""]
    return "\n".join(lines)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table. Cells are Markdown; only what would end a cell is escaped."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def prose(text: str) -> str:
    """A docstring as Markdown: its paragraphs, and what is indented as code."""
    paragraphs = []
    for paragraph in text.split("\n\n"):
        code = paragraph.startswith("  ")
        paragraphs.append(f"```text\n{textwrap.dedent(paragraph)}\n```" if code else escaped(paragraph))
    return "\n\n".join(paragraphs)


def escaped(text: str) -> str:
    """Plain text as Markdown. What stands between backticks is code there as well."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return plain(text)
    return "".join([f"`{part}`" if place % 2 else plain(part) for place, part in enumerate(parts)])


def plain(text: str) -> str:
    """Text without any markup, as Markdown."""
    for char in "\\`*_[]<>{}#$":
        text = text.replace(char, "\\" + char)
    return text


def build() -> int:
    """Build the web pages and the man page into `docs/_build`; a warning is a failure."""
    for builder in ("html", "man"):
        options = ["-q", "-W", "--keep-going", "-b", builder]
        command = [sys.executable, "-m", "sphinx", *options, "docs", f"docs/_build/{builder}"]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["build"]:
        raise SystemExit(build())
    generate(ROOT / "docs/reference")
