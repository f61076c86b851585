"""Letters that look like others, made the same: `Со-authored-by` with two Cyrillic letters is a trailer to a reader.

Only letters that occur in the words we look for are listed (Unicode TR39 lists thousands); what NFKC makes the same
(full-width, mathematical and circled letters, ligatures) needs no entry.
"""

from __future__ import annotations

# What a reader takes for the ASCII character behind it.
_PAIRS = (
    "АA аa ВB ЕE еe ЅS ѕs ІI іi ЈJ јj КK МM НH ОO оo РP рp СC сc ТT УY уy ХX хx ԁd "  # Cyrillic
    "ԛq ԜW ԝw ҺH һh ӀI ӏl ԌG ԍg "  # Cyrillic
    "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX αa ιi νv οo ρp υu γy ϲc ϹC ϳj "  # Greek
    "օo սu հh ոn ցg ԼL "  # Armenian
    "ıi ȷj ɑa ɡg ɩi ɪi ʏy ꞮI ℓl "  # other Latin
    "‐- ‑- ‒- –- −- ꞉: ː: "  # dashes, colons
)
# Characters without width, direction marks, variation selectors, tags, fillers.
_INVISIBLE = (
    (0x00AD, 0x00AE), (0x034F, 0x0350), (0x061C, 0x061D), (0x115F, 0x1161), (0x17B4, 0x17B6), (0x180B, 0x1810),
    (0x200B, 0x2010), (0x202A, 0x202F), (0x2060, 0x2070), (0x3164, 0x3165), (0xFE00, 0xFE10), (0xFEFF, 0xFF00),
    (0xFFA0, 0xFFA1), (0xE0000, 0xE01F0),
)  # fmt: skip

_table: dict[str, str] = {}
_meant: dict[str, str] = {}  # every character beyond ASCII that was met so far


def fold(text: str) -> str:
    """`text` as a reader sees it; ASCII text comes back as it is. Line ends stay where they are.

    Character by character, so letters with accents that are written as two characters stay two.
    """
    if text.isascii():
        return text
    # Replacing the few characters that mean another is faster than `str.translate`, which looks up every one.
    for char in set(text):
        if char > "\x7f":
            meant = _meant.get(char)
            if meant is None:
                meant = _meant[char] = _meaning(char)
            if meant != char:
                text = text.replace(char, meant)
    return text


def _meaning(char: str) -> str:
    from unicodedata import normalize  # in C, but with a table of a megabyte that most commits do not need

    if not _table:
        _table.update((pair[0], pair[1]) for pair in _PAIRS.split())
    code = ord(char)
    if any(start <= code < end for start, end in _INVISIBLE):
        return ""
    return "".join([_table.get(part, part) for part in normalize("NFKC", _table.get(char, char))])
