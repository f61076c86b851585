"""Make the picture of the README from what `sox-hooks demo` really prints: docs/demo.svg.

    python dev/picture.py            run it in an environment that has sox-hooks installed

Nothing is added. What is left out, so that the picture stays readable: the text of signatures, the pointers
to the reference (`docs:`), and the ends of lines that are too long; signatures and cuts are
shown as `...`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 118
LINE = 17.5
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "1": "#ffffff"}
CODE = re.compile(r"\x1b\[(\d+)m")
SIGNATURE = re.compile(r" +\|  [A-Za-z0-9+/]{20,70}={0,2}")


def main() -> int:
    """Run the demo and draw it."""
    command = [sys.executable, "-m", "sox_hooks", "demo"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "FORCE_COLOR": "1"}, check=True)
    lines = ["$ sox-hooks demo", *[cut(line) for line in shortened(done.stdout.rstrip().split("\n"))]]
    (ROOT / "docs" / "demo.svg").write_text(draw(lines), encoding="utf-8")
    return 0


def shortened(lines: list[str]) -> list[str]:
    """The lines without the text of signatures and without the pointers to the reference."""
    kept: list[str] = []
    for line in lines:
        plain = CODE.sub("", line)
        if SIGNATURE.fullmatch(plain):
            if not kept[-1].endswith("..."):
                kept.append("   |  ...")
        elif not plain.lstrip(" |").startswith("docs: "):
            kept.append(line)
    return kept


def cut(line: str) -> str:
    """A line at most as wide as the picture."""
    plain = CODE.sub("", line)
    return line if len(plain) <= COLUMNS else plain[: COLUMNS - 3] + "..."


def draw(lines: list[str]) -> str:
    """The lines as an SVG picture of a terminal."""
    width, height = COLUMNS * 8 + 32, len(lines) * LINE + 48
    rows = [
        f'<text x="16" y="{44 + number * LINE:.1f}" xml:space="preserve">{spans(line)}</text>'
        for number, line in enumerate(lines)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" role="img">',
            "<title>sox-hooks demo in a terminal</title>",
            f'<rect width="{width}" height="{height:.0f}" rx="8" fill="#0d1117"/>',
            *[f'<circle cx="{20 + 18 * dot}" cy="16" r="5" fill="#30363d"/>' for dot in range(3)],
            '<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13" fill="#c9d1d9">',
            *rows,
            "</g>",
            "</svg>",
            "",
        ]
    )


def spans(line: str) -> str:
    """A line with its colours as tspans."""
    parts = CODE.split(line)
    text = escape(parts[0])
    for code, piece in zip(parts[1::2], parts[2::2], strict=True):
        colour = COLOURS.get(code)
        weight = ' font-weight="bold"' if code == "1" else ""
        text += f'<tspan fill="{colour}"{weight}>{escape(piece)}</tspan>' if colour else escape(piece)
    return text


if __name__ == "__main__":
    raise SystemExit(main())
