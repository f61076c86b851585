"""`.pre-commit-hooks.yaml`: valid for both frameworks, and what other people's configurations rely on."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sox_hooks import __version__
from sox_hooks.agents.exclusion.targets import TARGETS
from sox_hooks.hooks.snippets import SNIPPETS

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"


def tool(name: str) -> str:
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        pytest.skip(f"{name} is not installed here")
    return str(path)


@pytest.mark.parametrize("name", ["pre-commit", "prek"])
def test_both_frameworks_accept_it(name):
    done = subprocess.run([tool(name), "validate-manifest", str(MANIFEST)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_must_not_change():
    """Ids and stages are in other people's configurations; without always_run a top-level files: switches us off."""
    yaml = pytest.importorskip("yaml")
    hooks = yaml.safe_load(MANIFEST.read_text())
    expected = []
    for stage in ("commit-msg", "pre-push", "post-rewrite", "post-commit", "prepare-commit-msg", "post-merge"):
        with_message = stage.endswith("commit-msg")
        expected.append(
            {
                "id": "sox-hooks" if stage == "commit-msg" else f"sox-hooks-{stage}",
                "entry": f"sox-hooks hook {stage}",
                "language": "python",
                "stages": [stage],
                "always_run": True,
                "pass_filenames": with_message,  # all others would be given files, and started several times at once
                "require_serial": True,
                "minimum_pre_commit_version": "3.2.0",
            }
        )
    for hook in hooks:
        assert len(hook.pop("name")) <= 45
        assert hook.pop("description").endswith(".")
    assert hooks[:-1] == expected
    files = hooks[-1].pop("files")
    assert all(re.search(files, path) for path in (".sox/policy.toml", *[target.file for target in TARGETS]))
    assert not re.search(files, "src/app.py")
    assert hooks[-1] == {
        "id": "sox-agents-ignore-files",
        "entry": "sox-hooks agents ignore-files --check",
        "language": "python",
        "stages": ["pre-commit"],
        "pass_filenames": False,
        "require_serial": True,
        "minimum_pre_commit_version": "3.2.0",
    }


@pytest.mark.parametrize("name", ["pre-commit", "prek"])
def test_the_snippet_is_a_valid_configuration(tmp_path, name):
    (tmp_path / ".pre-commit-config.yaml").write_text(SNIPPETS["pre-commit"])
    done = subprocess.run(
        [tool(name), "validate-config", ".pre-commit-config.yaml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()


def test_the_snippet_names_this_version_and_the_stage_comes_first():
    yaml = pytest.importorskip("yaml")
    config = yaml.safe_load(SNIPPETS["pre-commit"])
    assert next(iter(config)) == "default_install_hook_types"
    assert config["default_install_hook_types"] == ["commit-msg", "pre-push", "post-rewrite"]
    (entry,) = config["repos"]
    assert entry["rev"] == f"v{__version__}"
    assert entry["hooks"] == [{"id": one} for one in ("sox-hooks", "sox-hooks-pre-push", "sox-hooks-post-rewrite")]
    assert {hook["id"] for hook in entry["hooks"]} <= {hook["id"] for hook in yaml.safe_load(MANIFEST.read_text())}


def test_the_lines_for_lefthook_are_yaml():
    yaml = pytest.importorskip("yaml")
    config = yaml.safe_load(SNIPPETS["lefthook"])
    assert list(config) == ["commit-msg", "pre-push", "post-rewrite"]
    for hook, commands in config.items():
        expected = {"run": f"sox-hooks hook {hook}", "env": {"SOX_HOOKS_HOST": "lefthook"}}
        if hook != "commit-msg":
            expected["use_stdin"] = True
        assert commands == {"commands": {"sox-hooks": expected}}
