"""The pages that `dev/docs.py` makes from the program."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from sox_hooks.cli.describe import describe
from sox_hooks.cli.main import COMMANDS, parser_of
from sox_hooks.core.findings import Finding
from sox_hooks.policy.rules import RULES
from sox_hooks.policy.schema import FILES, schema

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("reference_pages", ROOT / "dev/docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def pages(maker, tmp_path):
    maker.generate(tmp_path)
    return tmp_path


def test_every_rule_has_its_page_where_findings_point(pages):
    for rule in RULES.values():
        docs = Finding(rule.id, rule.severity, "").docs
        page = pages.parent / docs.replace("reference/", f"{pages.name}/").replace(".html", ".md")
        text = page.read_text()
        assert f"# {rule.id} {rule.name}\n" in text
        assert f"`sox-hooks explain {rule.id}`" in text
    index = (pages / "rules/index.md").read_text()
    assert all(f"[{rule_id}]({rule_id}.md)" in index for rule_id in RULES)


def test_every_command_verb_and_option_is_in_the_reference_and_the_man_page(maker, pages):
    reference, man = (pages / "commands.md").read_text(), (pages / "man.md").read_text()
    for name, command in COMMANDS.items():
        described = describe(parser_of(name), (name,))
        assert f"## {name}\n" in reference
        assert command.help in reference.replace("\\", "")
        for node in (described, *described.verbs):
            assert f"### {' '.join(node.path)}\n" in man
            for argument in maker.arguments_of(node):
                assert maker.spelling(argument) in reference.replace("\\|", "|")
                assert maker.spelling(argument) in man.replace("\\", "")


def test_every_key_of_the_policy_files_is_explained(pages):
    text = (pages / "policy-files.md").read_text()

    def keys(shape: object) -> set[str]:
        if isinstance(shape, list):
            return set().union(*map(keys, shape))
        if not isinstance(shape, dict):
            return set()
        found = set(shape["properties"]) if isinstance(shape.get("properties"), dict) and "type" in shape else set()
        return found.union(*map(keys, shape.values()))

    every = set().union(*(keys(schema(name)) for name in FILES))
    assert len(every) > 40
    assert {key for key in every if f"| `{key}` |" not in text} == set()


def test_pages_that_have_not_changed_keep_their_time_and_old_ones_go(maker, pages):
    kept = pages / "rules/SOX201.md"
    before = kept.stat().st_mtime_ns
    stale = pages / "rules/SOX299.md"
    stale.write_text("a rule that was never released")
    maker.generate(pages)
    assert kept.stat().st_mtime_ns == before
    assert not stale.exists()


def test_tables_hold_together(pages):
    for page in pages.rglob("*.md"):
        columns = 0
        for line in page.read_text().splitlines():
            if not line.startswith("|"):
                columns = 0
                continue
            count = len(re.findall(r"(?<!\\)\|", line))
            assert columns in (0, count), (page, line)
            columns = count


def test_plain_text_is_not_taken_for_markup(maker):
    assert maker.escaped("a*b_c`[d]`[e]<f>#g") == r"a\*b\_c`[d]`\[e\]\<f\>\#g"
    assert maker.escaped("it`s") == r"it\`s"
    assert maker.prose("one\n\n  $ two *\n    three\n\nfour") == "one\n\n```text\n$ two *\n  three\n```\n\nfour"
    assert maker.table(("a",), [("x|y",)]) == "| a |\n| --- |\n| x\\|y |\n"


def test_git_ignores_every_generated_page(pages):
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    for page in pages.rglob("*.md"):
        name = page.relative_to(pages).as_posix()
        assert f"/docs/reference/{name}" in ignored or name.startswith("rules/"), name
    assert "/docs/reference/rules/" in ignored
