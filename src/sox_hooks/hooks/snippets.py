"""What to write into the configuration of other hook hosts. Nothing is installed by these: the person adds them."""

from __future__ import annotations

from sox_hooks import __version__
from sox_hooks.hooks.hosts import HUSKY, LEFTHOOK, PRE_COMMIT

# pre-commit and prek install only the stages that default_install_hook_types names, so it comes first: a hook that was
# never installed is the most common fault (pre-commit#1834, #1895, #3472).
_PRE_COMMIT = f"""\
# .pre-commit-config.yaml, at the top; then, in every clone: pre-commit install && sox-hooks doctor
default_install_hook_types: [commit-msg]  # and the stages of your other hooks: pre-commit, pre-push, ...

repos:
  - repo: https://git.example.com/mirrors/sox-hooks  # where your organisation keeps it
    rev: v{__version__}
    hooks:
      - id: sox-hooks
"""

_HUSKY = """\
# .husky/commit-msg, as a line of its own; then: sox-hooks doctor
SOX_HOOKS_HOST=husky sox-hooks hook commit-msg "$1"
"""

# Without {1}: lefthook 2.2 puts the path into a shell command line unquoted, and the hook finds the message itself.
_LEFTHOOK = """\
# lefthook.yml; then: lefthook install && sox-hooks doctor
commit-msg:
  commands:
    sox-hooks:
      run: sox-hooks hook commit-msg
      env:
        SOX_HOOKS_HOST: lefthook
"""

SNIPPETS = {PRE_COMMIT: _PRE_COMMIT, HUSKY: _HUSKY, LEFTHOOK: _LEFTHOOK}
