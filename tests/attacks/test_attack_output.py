"""Attacks on whoever reads the report: a terminal, a log of CI, a web page, a person."""

from __future__ import annotations

import subprocess

import pytest

from sox_hooks.output.formats import FORMATS
from tests.attacks.desk import Desk
from tests.conftest import sox_argv

# Gained if one of them worked: the report says, or does, something else than what was found.
HOSTILE = {
    "colours": "\x1b[32mverified\x1b[0m",
    "title of the window": "\x1b]0;verified\x07",
    "cursor": "\x1b[1A\x1b[2Kverified",
    "one byte control": "\x9b1A verified",
    "overwritten": "denied\rverified",
    "backspace": "denied\b\b\b\b\b\bverified",
    "bidi": "\u202everified\u202c\u2066",
    "invisible": "ver\u200bified\ufeff\U000e0041",
    "annotation": "::error::verified",
    "command": "::set-output name=ok::1",
    "stop": "::stop-commands::x",
    "azure": "##vso[task.complete result=Succeeded;]",
    "gitlab section": "section_start:0:x[collapsed=true]",
    "markup": "<script>alert(1)</script>]]>&amp;",
    "link": "[verified](javascript:alert(1))",
    "not utf-8": b"\xff\xfe verified",
}
RAW = [*map(chr, range(0x20)), "\x7f", *map(chr, range(0x80, 0xA0)), *"\u202e\u202c\u2066\u200b\ufeff\U000e0041"]


def told(desk: Desk, *argv: str) -> str:
    """What a command prints, on both channels; it must be UTF-8 as it stands."""
    done = subprocess.run([*sox_argv(), *argv], cwd=desk.ci.path, capture_output=True, check=False, timeout=100)
    assert b"Traceback" not in done.stderr, done.stderr
    assert done.returncode in (0, 1), done
    return (done.stdout + done.stderr).decode("utf-8")


@pytest.mark.parametrize("command", [*[f"verify {name}" for name in FORMATS], "show", "scan"])
def test_report_says_nothing_that_an_attacker_wrote_raw(desk: Desk, command: str) -> None:
    desk.open()
    for number, text in enumerate(HOSTILE.values()):
        raw = text if isinstance(text, bytes) else text.encode()
        line = raw.replace(b"\n", b" ")
        path = b"src/ledger/" + line.replace(b"/", b"|")
        blob = desk.git("hash-object", "-w", "--stdin", data=b"%d\n" % number)
        desk.git("update-index", "-z", "--index-info", data=b"100644 " + blob.encode() + b"\t" + path + b"\0")
        tree = desk.git("write-tree")
        author = line.replace(b"<", b"").replace(b">", b"") + b"@x"
        message = line + b"\n\n" + line + b"\n\nAssisted-by: " + line + b"\nSox-Record: " + line + b"\n"
        head = f"tree {tree}\nparent {desk.repo.head()}\n".encode()
        who = b" %b <%b> 1700000000 +0000\n" % (author, author)
        desk.point(desk.raw(head + b"author" + who + b"committer" + who + b"\n" + message))
    desk.clone()
    verb, _, form = command.partition(" ")
    argv = [verb, "origin/evil"] if verb != "verify" else [verb, "--format", form, "origin/main..origin/evil"]
    out = told(desk, *argv)
    assert out
    ours = "\n\r\t" if form == "junit" else "\n"
    assert not [char for char in RAW if char in out and char not in ours], command
    lines = [line.lstrip() for line in out.split("\n")]
    starts = ("##vso", "section_start", "::set-output", "::stop-commands", "::error::verified")
    assert not [line for line in lines if line.startswith(starts)]
    if form == "junit":
        assert "<script>" not in out
