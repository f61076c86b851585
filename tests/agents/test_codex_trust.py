"""What Codex says of hooks, by a stand-in for its app server; `tests/clients` asks the real one."""

from __future__ import annotations

import os

import pytest

from sox_hooks.agents.codex_trust import distrust

# Answers as 0.169.0 does: a warning in between, the list last; it waits for the end of its input.
SERVER = """#!/bin/sh
read one; read two; read three
echo '{"id":1,"result":{}}'
echo 'no json'
echo '{"method":"configWarning","params":{}}'
case "$three" in *'"hooks/list"'*) echo '@@ANSWER@@' ;; esac
cat > /dev/null
"""


@pytest.fixture
def codex(tmp_path, hermetic, monkeypatch):
    """`codex(answer)` puts a Codex on PATH that gives this answer."""

    def make(answer: str) -> None:
        script = tmp_path / "bin/codex"
        script.parent.mkdir(exist_ok=True)
        script.write_text(SERVER.replace("@@ANSWER@@", answer))
        script.chmod(0o755)
        (hermetic / ".codex").mkdir(exist_ok=True)
        monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")

    return make


def hooks(*states: str, enabled: str = "true", path: str = "/r/.codex/hooks.json") -> str:
    told = ",".join(
        f'{{"sourcePath":"{path}","command":"sox-hooks hook agent codex before","enabled":{enabled},'
        f'"isManaged":false,"trustStatus":"{state}"}}'
        for state in states
    )
    return f'{{"id":2,"result":{{"data":[{{"cwd":"/r","hooks":[{told}]}}]}}}}'


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (hooks("trusted", "trusted"), ""),
        (hooks("trusted", "untrusted"), "has not been told"),
        (hooks("trusted", "modified"), "as it was before"),
        (hooks("trusted", enabled="false"), "switched off"),
        (hooks(), "does not trust the folder"),
        (hooks("trusted", path="/other/.codex/hooks.json"), "does not trust the folder"),
        # What it says otherwise is no answer, and then its configuration is read.
        ('{"id":2,"error":{"code":-32601}}', "has not been told"),
        ('{"id":2,"result":{"data":"?"}}', "has not been told"),
    ],
)
def test_what_codex_says(answer, words, codex):
    codex(answer)
    said = distrust("/r/.codex/hooks.json", "/r", dict(os.environ))
    assert words in said
    assert bool(said) is bool(words)


def test_without_codex_its_configuration_is_read(hermetic, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert "has not been told" in distrust("/r/.codex/hooks.json", "/r", dict(os.environ))
    (hermetic / ".codex").mkdir()
    (hermetic / ".codex/config.toml").write_text(
        "".join(
            f'[hooks.state."/r/.codex/hooks.json:{event}:0:0"]\ntrusted_hash = "sha256:0"\n'
            for event in ("pre_tool_use", "post_tool_use")
        )
    )
    assert distrust("/r/.codex/hooks.json", "/r", dict(os.environ)) == ""


def test_a_codex_that_ends_at_once(codex, hermetic, tmp_path):
    codex("")
    (tmp_path / "bin/codex").write_text("#!/bin/sh\nexit 1\n")
    assert "has not been told" in distrust("/r/.codex/hooks.json", "/r", dict(os.environ))
