"""What the documentation says about the program: its commands exist, its example verifies, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from sox_hooks.cli.describe import Description, describe
from sox_hooks.cli.main import COMMANDS, parser_of
from sox_hooks.policy.rules import RULES
from sox_hooks.record import sshsig
from sox_hooks.record.record import read
from sox_hooks.record.statement import payload

ROOT = Path(__file__).parent.parent
GENERATED = ("commands.md", "policy-files.md", "exit-codes.md", "man.md", "rules")
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *[
        page
        for page in sorted((ROOT / "docs").rglob("*.md"))
        if not {"_build", *GENERATED} & {page.name, *(part.name for part in page.parents)}
    ],
]
_OPERATORS = ("|", "||", "&&", ";", "&", ">", ">>", "<", "2>&1", ")", "(")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(params=PAGES, ids=name_of)
def page(request) -> str:
    return request.param.read_text(encoding="utf-8")


def invocations(text: str) -> list[list[str]]:
    """The arguments of every call of sox-hooks in blocks of code and in code within a line."""
    found = []
    for language, block in re.findall(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", text, re.M | re.S):
        for line in block.replace("\\\n", " ").split("\n"):
            line = line.strip()
            if language == "console" and not line.startswith("$ "):
                continue
            if language in ("sh", "console", "yaml"):
                found += calls(line.removeprefix("$ "))
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.M | re.S)
    for code in re.findall(r"`([^`]+)`", prose):
        if code.startswith("sox-hooks "):
            found += calls(" ".join(code.split()))
    return found


def calls(line: str) -> list[list[str]]:
    """The calls in one line of shell."""
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()<>")
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:  # a quotation that goes on in the next line
        return []
    found: list[list[str]] = []
    for at, word in enumerate(words):
        if (word == "sox-hooks" or word.endswith("/sox-hooks")) and words[at + 1 : at + 2]:
            rest = words[at + 1 :]
            end = next((place for place, other in enumerate(rest) if other in _OPERATORS), len(rest))
            found.append(rest[:end])
    return [call for call in found if call and call[0] not in ("@", "COMMAND", "(sox-hooks")]


def options_of(described: Description) -> set[str]:
    return {name for argument in described.arguments for name in argument.names}


def faults(call: list[str]) -> list[str]:
    """What is wrong with a call: no such command, verb or option."""
    name, *rest = call
    if name in ("--version", "--help", "help"):
        return []
    if name not in COMMANDS:
        return [f"there is no command {name!r}"]
    described = describe(parser_of(name), (name,))
    known = options_of(described) | {"--help"}
    if described.verbs:
        verbs = {verb.path[-1]: verb for verb in described.verbs}
        asked = next((word for word in rest if not word.startswith("-")), None)
        if asked is not None:
            if asked not in verbs:
                return [f"{name} has no verb {asked!r}"]
            known |= options_of(verbs[asked])
    wrong = [word for word in rest if word.startswith("-") and word.split("=", 1)[0] not in known and word != "--"]
    return [f"{name} has no option {word!r}" for word in wrong]


def test_every_call_in_the_documentation_is_one_that_the_program_takes(page):
    assert [(call, problem) for call in invocations(page) for problem in faults(call)] == []


def test_calls_are_found_and_faults_are_seen():
    block = "```console\n$ cd x && sox-hooks poolicy lint | head\nsox-hooks: no\n```\n"
    text = f"Type `sox-hooks verify --nothing A..B`.\n{block}"
    assert [faults(call) for call in invocations(text)] == [
        ["there is no command 'poolicy'"],
        ["verify has no option '--nothing'"],
    ]
    assert sum(len(invocations(one.read_text(encoding="utf-8"))) for one in PAGES) > 60


def test_every_rule_that_is_named_exists(page):
    assert set(re.findall(r"\bSOX\d{3}\b", page)) <= set(RULES)


def test_links_between_pages_lead_to_pages(request, page):
    folder = request.node.callspec.params["page"].parent
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page)
    local = [target for target in targets if "://" not in target and not any(part in target for part in GENERATED)]
    assert [target for target in local if not (folder / target).exists()] == []


def test_the_first_block_of_the_readme_installs_and_runs_a_command_that_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = re.search(r"```sh\n(.*?)```", text, re.S).group(1)
    assert "pip install ." in first
    assert [faults(call) for call in invocations(text)[:1]] == [[]]
    assert first.rstrip().endswith("sox-hooks demo")


def test_the_record_in_the_readme_and_in_the_reference_verifies(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    reference = (ROOT / "docs/reference/record.md").read_text(encoding="utf-8")
    message = re.search(r"```\n(Check entries before posting\n.*?)```", readme, re.S).group(1)
    assert message.partition("\n\n")[2] in reference
    record = read(message.encode()).record
    signed = payload(record, "bank/ledger", b"alice@bank.example")
    assert signed == (ROOT / "docs/reference/example-payload.txt").read_bytes().rstrip(b"\n")
    line = re.search(r"^alice@bank\.example namespaces=.*$", reference, re.M).group()
    (tmp_path / "allowed_signers").write_text(line + "\n")
    (tmp_path / "signature").write_bytes(sshsig.armor(record.signature))
    verify = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", "alice@bank.example"]
    verify += ["-n", "sox-record", "-s", "signature"]
    done = subprocess.run(verify, cwd=tmp_path, input=signed, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b'Good "sox-record" signature' in done.stdout
