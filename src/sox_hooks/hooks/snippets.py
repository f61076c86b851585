"""What to write into the configuration of other hook hosts. Nothing is installed by these: the person adds them."""

from __future__ import annotations

from sox_hooks import __version__
from sox_hooks.hooks.hosts import HUSKY, LEFTHOOK, PRE_COMMIT

# pre-commit and prek install only the stages that default_install_hook_types names, so it comes first: a hook that was
# never installed is the most common fault (pre-commit#1834, #1895, #3472). Every stage that is installed costs 115 to
# 160 ms whenever it runs (measured, pre-commit 4.6), so post-commit is left to those who ask for it.
_PRE_COMMIT = f"""\
# .pre-commit-config.yaml, at the top; then, in every clone: pre-commit install && sox-hooks doctor
default_install_hook_types: [commit-msg, pre-push, post-rewrite]  # and the stages of your other hooks: pre-commit, ...

repos:
  - repo: https://git.example.com/mirrors/sox-hooks  # where your organisation keeps it
    rev: v{__version__}
    hooks:
      - id: sox-hooks
      - id: sox-hooks-pre-push  # says what CI would refuse, before it does
      - id: sox-hooks-post-rewrite  # keeps claims across amends and rebases
"""

_HUSKY = """\
# .husky/commit-msg, as a line of its own; then: sox-hooks doctor
SOX_HOOKS_HOST=husky sox-hooks hook commit-msg "$1"
# Likewise in .husky/pre-push, post-rewrite, post-commit and post-merge, each with its own name and "$@":
# SOX_HOOKS_HOST=husky sox-hooks hook pre-push "$@"
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
pre-push:
  commands:
    sox-hooks:
      run: sox-hooks hook pre-push
      use_stdin: true
      env:
        SOX_HOOKS_HOST: lefthook
post-rewrite:
  commands:
    sox-hooks:
      run: sox-hooks hook post-rewrite
      use_stdin: true
      env:
        SOX_HOOKS_HOST: lefthook
"""

SNIPPETS = {PRE_COMMIT: _PRE_COMMIT, HUSKY: _HUSKY, LEFTHOOK: _LEFTHOOK}
