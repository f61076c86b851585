"""Every file: made, kept, renewed and taken out, with the user's own content as it was; and what is refused."""

from __future__ import annotations

import json
import os

import pytest

from sox_hooks.agents.event import BEFORE
from sox_hooks.agents.exclusion.plan import findings_of, plan, unplan, used
from sox_hooks.agents.exclusion.targets import AGENTS, TARGETS, targets_of
from sox_hooks.agents.install import carry_out
from sox_hooks.core.errors import EnvironmentProblem, SoxError, UsageError
from sox_hooks.core.findings import NOTE
from sox_hooks.detection.catalogue import builtin
from sox_hooks.policy.model import PathRule, Policy, Tier, Tool
from sox_hooks.policy.patterns import compile_pattern
from tests.agents.payloads import claude, raw

DAY = "2026-11-23"
OF = {target.file: target for target in TARGETS}
IGNORE_FILES = [target.file for target in TARGETS if "ignore" in target.file or target.file == ".aiexclude"]
USERS = {
    ".claude/settings.json": '{\n    "permissions": {\n        "allow": [\n            "Bash(ls)"\n        ]\n    },\n'
    '    "model": "é"\n}\n',
    ".cursor/cli.json": '{\n  "permissions": {\n    "deny": [\n      "Shell(rm)"\n    ]\n  }\n}',
    "opencode.json": '{\n\t"permission": {\n\t\t"edit": "ask",\n\t\t"bash": {\n\t\t\t"*": "ask"\n\t\t}\n\t}\n}\n',
    ".codex/config.toml": '# mine\nmodel = "gpt-5.5"\n\n[mcp_servers.x]\ncommand = "y"\n',
    **dict.fromkeys(IGNORE_FILES, "# mine\nbuild/\n!keep\n"),
}


def policy(*patterns: str, reads: str = "allow", ai: str = "none") -> Policy:
    tiers = (Tier("open", "any", 0), Tier("closed", ai, 1, reads=reads))
    rules = [PathRule((compile_pattern("**"),), "open")]
    if patterns:
        rules.append(PathRule(tuple(compile_pattern(one) for one in patterns), "closed"))
    register = tuple(Tool(name, "approved") for name in AGENTS)
    return Policy("0" * 40, "bank/ledger", 1, tools=register, tiers=tiers, paths=tuple(rules))


def write(target, top, what: Policy, **more) -> bytes:
    carry_out(plan(target, str(top), what, DAY, **more).change)
    return (top / target.file).read_bytes()


def users(target, top) -> bytes:
    path = top / target.file
    path.parent.mkdir(exist_ok=True)
    path.write_text(USERS[target.file])
    return path.read_bytes()


@pytest.mark.parametrize("target", TARGETS, ids=OF)
def test_put_in_renewed_and_taken_out(target, tmp_path):
    before = users(target, tmp_path)
    first = write(target, tmp_path, policy("src/ledger/**", "db/x"))
    assert b"src/ledger" in first
    assert write(target, tmp_path, policy("src/ledger/**", "db/x")) == first
    second = write(target, tmp_path, policy("src/reporting/**"))
    assert b"src/reporting" in second
    assert b"ledger" not in second
    nothing = write(target, tmp_path, policy())
    assert b"reporting" not in nothing
    assert used(TARGETS, str(tmp_path)) == (target,)  # that it is ours is not forgotten when nothing is refused
    carry_out(unplan(target, str(tmp_path)))
    after = (tmp_path / target.file).read_bytes()
    assert after == before
    assert used(TARGETS, str(tmp_path)) == ()


@pytest.mark.parametrize("target", TARGETS, ids=OF)
def test_a_new_file_goes_again(target, tmp_path):
    write(target, tmp_path, policy("src/ledger/**"))
    assert plan(target, str(tmp_path), policy("src/ledger/**"), DAY).in_step
    carry_out(unplan(target, str(tmp_path)))
    assert not (tmp_path / target.file).exists()


@pytest.mark.parametrize("target", TARGETS, ids=OF)
def test_what_the_check_says(target, tmp_path):
    (missing,) = findings_of(plan(target, str(tmp_path), policy("src/ledger/**"), DAY), "")
    assert missing.message == f"{target.file} is missing"
    write(target, tmp_path, policy("src/ledger/**"))
    planned = plan(target, str(tmp_path), policy("src/reporting/**"), DAY)
    (found,) = findings_of(planned, "")
    assert "lacks " in found.message
    assert "still has " in found.message
    assert str(found.place).startswith(f"{target.file}:")
    assert found.place.line >= 1
    assert found.fix == f"sox-hooks agents ignore-files {target.tools[0]}"
    assert findings_of(plan(target, str(tmp_path), policy("src/ledger/**"), DAY), "") == []


@pytest.mark.parametrize("target", TARGETS, ids=OF)
def test_line_ends_modes_and_links(target, tmp_path):
    path = tmp_path / target.file
    users(target, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o640)
    before = path.read_bytes()
    made = write(target, tmp_path, policy("src/ledger/**"))
    assert made.count(b"\r\n") == made.count(b"\n")
    assert path.stat().st_mode & 0o777 == 0o640
    # A checkout with other line ends is in step.
    path.write_bytes(made.replace(b"\r\n", b"\n"))
    assert plan(target, str(tmp_path), policy("src/ledger/**"), DAY).in_step
    path.write_bytes(made)
    carry_out(unplan(target, str(tmp_path)))
    assert path.read_bytes() == before
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.write_text("")
    path.unlink()
    path.symlink_to(outside)
    with pytest.raises(EnvironmentProblem, match="out of the work tree"):
        plan(target, str(tmp_path), policy("src/ledger/**"), DAY)


@pytest.mark.parametrize("file", IGNORE_FILES)
def test_lines_of_the_user_are_kept_byte_for_byte(file, tmp_path):
    path = tmp_path / file
    path.write_bytes(b"\xef\xbb\xbf# \xff\xfe\x0b\x85\nno-newline\xe2\x80\xa8")
    made = write(OF[file], tmp_path, policy("src/ledger/**"))
    assert made.startswith(b"\xef\xbb\xbf# \xff\xfe\x0b\x85\nno-newline\xe2\x80\xa8\n# sox-hooks: begin")
    # What the user adds around the block stays where it is; a line that opens again does not come after it.
    path.write_bytes(b"first\n" + made + b"last\n")
    assert plan(OF[file], str(tmp_path), policy("src/ledger/**"), DAY).in_step
    path.write_bytes(made + b"!src/ledger/x\n")
    planned = plan(OF[file], str(tmp_path), policy("src/ledger/**"), DAY)
    assert "takes paths out again" in findings_of(planned, "")[0].message
    assert write(OF[file], tmp_path, policy("src/ledger/**")).endswith(b"/src/ledger\n# sox-hooks: end\n")


def test_an_empty_aiexclude_would_hide_everything(tmp_path):
    assert b"\n/.sox-hooks-nothing-is-refused\n" in write(OF[".aiexclude"], tmp_path, policy())


def test_the_choice_to_hide_only_what_may_not_be_read_is_kept(tmp_path):
    target = OF[".geminiignore"]
    (found,) = findings_of(plan(target, str(tmp_path), policy("src/ledger/**"), DAY, True), "main")
    assert found.fix == "sox-hooks agents ignore-files --ref main --unreadable gemini-cli"
    assert b"ledger" not in write(target, tmp_path, policy("src/ledger/**"), unreadable=True)
    assert b"\n/src/ledger\n" in write(target, tmp_path, policy("src/ledger/**", reads="deny"))
    assert b"ledger" not in write(target, tmp_path, policy("src/ledger/**"))


def test_reading_is_refused_only_where_the_policy_says_so(tmp_path):
    allowed = [write(OF[name], tmp_path, policy("src/ledger/**")) for name in list(USERS)[:4]]
    assert [b"Read(" in one or b'"read": {' in one or b'"deny"\n' in one for one in allowed[:2]] == [False, False]
    assert json.loads(allowed[2])["permission"].keys() == {"edit"}
    assert b'"src/ledger" = "read"' in allowed[3]
    denied = [write(OF[name], tmp_path, policy("src/ledger/**", reads="deny")) for name in list(USERS)[:4]]
    assert b"Read(/src/ledger)" in denied[0]
    assert b"Read(src/ledger/**)" in denied[1]
    assert json.loads(denied[2])["permission"]["read"]["src/ledger/*"] == "deny"
    assert b'"src/ledger" = "deny"' in denied[3]
    assert json.loads(write(OF["opencode.json"], tmp_path, policy("src/ledger/**")))["permission"].keys() == {"edit"}


BROKEN = [
    (".claude/settings.json", '{\n  // mine\n}', ".claude/settings.json:2:3"),
    (".claude/settings.json", '{"permissions": []}', ".claude/settings.json"),
    (".claude/settings.json", '{"permissions": {"deny": {}}}', ".claude/settings.json"),
    (".claude/settings.json", '{"permissions": {"deny": ["Edit(/.sox-hooks-begin)"]}}', ".claude/settings.json"),
    ("opencode.json", '{"permission": "allow"}', "opencode.json"),
    ("opencode.json", '{"permission": {"edit": 1}}', "opencode.json"),
    ("opencode.json", '{"permission": {\n"edit": {"src/ledger": "allow"}}}', "opencode.json:2"),
    (".codex/config.toml", 'x = 1\nx = 2\n', ".codex/config.toml:2:6"),
    (".codex/config.toml", 'sandbox_mode = "workspace-write"\n', ".codex/config.toml"),
    (".codex/config.toml", 'default_permissions = ":workspace"\n', ".codex/config.toml"),
    (".codex/config.toml", '[permissions.sox-hooks]\n', ".codex/config.toml"),
    (".codex/config.toml", 'x = "\udcff"\n', ".codex/config.toml"),
    (".cursorignore", "a\n# sox-hooks: begin\n", ".cursorignore:2"),
    (".cursorignore", "a\nb\n# sox-hooks: end\n", ".cursorignore:3"),
    (".cursorignore", "a\0b\0", ".cursorignore"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "text", "where"), BROKEN)
def test_what_cannot_be_changed_safely_is_left_alone(file, text, where, tmp_path):
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SoxError) as refused:
        plan(OF[file], str(tmp_path), policy("src/ledger/**"), DAY)
    assert refused.value.where.startswith(where)
    assert path.read_bytes() == text.encode("utf-8", "surrogateescape")


def test_what_is_no_file_is_left_alone(tmp_path):
    os.mkfifo(tmp_path / ".cursorignore")
    (tmp_path / ".aiignore").mkdir()
    for file in (".cursorignore", ".aiignore"):
        with pytest.raises(SoxError, match="no file"):
            plan(OF[file], str(tmp_path), policy("src/ledger/**"), DAY)


def test_a_link_to_another_file_is_left_alone(tmp_path):
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / ".cursorignore").symlink_to(".gitignore")
    with pytest.raises(SoxError, match="it is a link"):
        plan(OF[".cursorignore"], str(tmp_path), policy("src/ledger/**"), DAY)
    assert used(TARGETS, str(tmp_path)) == ()
    assert (tmp_path / ".gitignore").read_text() == "build/\n"


def test_a_second_file_of_opencode_would_overrule(tmp_path):
    (tmp_path / "opencode.jsonc").write_text('{ // mine\n "permission": {"edit": "allow"} }')
    with pytest.raises(SoxError, match=r"opencode\.jsonc"):
        plan(OF["opencode.json"], str(tmp_path), policy("src/ledger/**"), DAY)
    (tmp_path / "opencode.jsonc").write_text('{ // mine\n "model": "x" }')
    assert plan(OF["opencode.json"], str(tmp_path), policy("src/ledger/**"), DAY).change.before is None


def test_rules_of_the_user_after_ours_would_decide(tmp_path):
    text = json.loads(write(OF["opencode.json"], tmp_path, policy("src/ledger/**")))
    text["permission"]["edit"]["src/ledger/mine"] = "allow"
    (tmp_path / "opencode.json").write_text(json.dumps(text))
    planned = plan(OF["opencode.json"], str(tmp_path), policy("src/ledger/**"), DAY)
    assert "the last one that matches decides" in findings_of(planned, "")[0].message
    keys = list(json.loads(write(OF["opencode.json"], tmp_path, policy("src/ledger/**")))["permission"]["edit"])
    assert keys == ["src/ledger/mine", ".sox-hooks-begin", "src/ledger", "src/ledger/*", ".sox-hooks-end"]


def test_a_profile_of_the_user_may_build_on_ours(tmp_path):
    path = tmp_path / ".codex/config.toml"
    path.parent.mkdir()
    path.write_text('default_permissions = "mine"\n[permissions.mine]\nextends = "sox-hooks"\n')
    made = write(OF[".codex/config.toml"], tmp_path, policy("src/ledger/**"))
    assert made.count(b"default_permissions") == 1
    path.write_bytes(made.replace(b'extends = "sox-hooks"', b'extends = ":workspace"'))
    with pytest.raises(SoxError, match="does not have extends"):
        plan(OF[".codex/config.toml"], str(tmp_path), policy("src/ledger/**"), DAY)


def test_what_covers_more_than_the_policy_says_so(tmp_path):
    planned = plan(OF[".codex/config.toml"], str(tmp_path), policy("*.sql"), DAY)
    assert "closed to reading, too" in planned.notes[0]
    assert planned.notes[0] in (planned.change.after or "")
    narrow = policy("src/ledger/**").replace(tools=(Tool("cursor", "restricted"),))
    tiers = (narrow.tiers[0], Tier("closed", "approved", 1, tools=("cursor",)))
    planned = plan(OF[".cursorignore"], str(tmp_path), narrow.replace(tiers=tiers), DAY)
    assert planned.wanted == (
        "*",
    )  # a restricted tool is refused in tier open, and a list cannot take ledger out again
    assert "cursor may work in tier closed" in planned.notes[0]
    write(OF[".cursorignore"], tmp_path, narrow.replace(tiers=tiers))
    (found,) = findings_of(plan(OF[".cursorignore"], str(tmp_path), narrow.replace(tiers=tiers), DAY), "")
    assert found.severity == NOTE


def test_names():
    assert [target.file for target in targets_of("devin")] == [".devinignore", ".codeiumignore"]
    assert [target.file for target in targets_of("gemini")] == [".geminiignore"]
    with pytest.raises(UsageError):
        targets_of("clippy")
    assert set(AGENTS) <= set(builtin().tools)


def test_no_agent_may_edit_them(governed, ask):
    for target in TARGETS:
        answer = ask("claude-code", raw(claude("Write", {"file_path": target.file}), governed.path), BEFORE)
        assert "SOX205" in answer.err, target.file
    answer = ask("claude-code", raw(claude("Write", {"file_path": "src/.GeminiIgnore"}), governed.path), BEFORE)
    assert "it tells agents what to leave alone" in answer.err
