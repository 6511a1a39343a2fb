"""What people type: brought to one form, so that it can be compared, stored and shown beside other text.

Text is pasted from web pages, chats and maps, with marks in it that cannot be seen. So invisible characters
are removed and not refused, unless they shape the letters around them; what is left must show something.
Every text of a request comes through `shared.edge.text`, which builds its types on this module.

Sources: UAX #15 (normalisation), UAX #9 (direction), UTS #51 (joiners, tags and variation selectors in
emoji), DerivedCoreProperties (Default_Ignorable_Code_Point).
"""

from __future__ import annotations

import re
import unicodedata

MAX_MARKS = 6
"""Marks in a row on one letter: Hebrew and Tibetan need five; more run over the lines above and below."""

_JOINERS = "\u200c\u200d"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_BREAKS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_BLANK = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\uffa0]")
"""What looks like a space: the spaces, the blank Braille cell and the Hangul fillers."""

_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000\U000e0001\U000e0080-\U000e00ff"
    "\U000e01f0-\U000e0fff]"
)
"""Direction marks, spaces without width, soft hyphens, and other characters that show nothing."""

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
"""Control characters, surrogates and code points that are no characters."""

_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[\U000e0020-\U000e007f]")
"""Tags: part of the flags of regions after a black flag, invisible elsewhere."""

_SHAPING = re.compile(f"[{_JOINERS}{_SELECTORS}]+")
_SEPARATORS = re.compile(r"[\s._·•/|]")
_SPACES = re.compile(" {2,}")
_RTL = frozenset({"R", "AL", "AN"})


def clean(text: str) -> str:
    """Return a text in NFC without what cannot be seen; spaces are U+0020 and line breaks are U+000A.

    Joiners and variation selectors stay where they shape a letter or an emoji. Raises ValueError for control
    characters and for more than `MAX_MARKS` marks on one letter.
    """
    if text.isascii() and text.isprintable():
        return text
    normal = unicodedata.normalize("NFC", text)
    if _FORBIDDEN.search(normal):
        raise ValueError("control characters are not allowed")
    visible = _INVISIBLE.sub("", _BLANK.sub(" ", _BREAKS.sub("\n", normal)))
    shaped = _without_idle_joiners(_TAGS.sub(lambda found: found[1] or "", visible))
    cleaned = unicodedata.normalize("NFC", shaped)
    if _has_stacked_marks(cleaned):
        raise ValueError(f"a letter can have at most {MAX_MARKS} marks")
    return cleaned


def line(text: str) -> str:
    """Return a text for one line, such as a name. Raises ValueError, also for a line break within it."""
    cleaned = _tidy(clean(text))
    if "\n" in cleaned:
        raise ValueError("line breaks are not allowed; write it on one line")
    return cleaned


def one_line(text: str) -> str:
    """Return a text whose line breaks are commas, as an address that was pasted from several lines."""
    lines = [part.strip() for part in clean(text).split("\n")]
    joined = " ".join(part if part.endswith((",", ";")) else f"{part}," for part in lines if part)
    return _SPACES.sub(" ", joined).removesuffix(",").rstrip()


def note(text: str) -> str:
    """Return a text of several lines, with at most one empty line in a row. Raises ValueError."""
    return re.sub("\n{3,}", "\n\n", _tidy(clean(text)))


def code(text: str) -> str:
    """Return a code as it is compared: without blanks, dashes and dots, in ASCII digits and small letters.

    Codes are shown in groups and typed by people, with the digits of their own script. Raises ValueError.
    """
    wide = unicodedata.normalize("NFKC", clean(text)).casefold()
    return "".join(_plain_digit(char) for char in wide if not _is_separator(char))


def phone(text: str, country: str = "91") -> str:
    """Return a phone number as E.164 has it: `+`, then 8 to 15 digits.

    A number without a country's code gets `country`. Raises ValueError.
    """
    plain = re.sub(r"\(0\)|[()]", "", code(text))
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    elif not plain.startswith("+"):
        plain = f"+{country}{plain.removeprefix('0')}"
    if not re.fullmatch(r"\+[1-9][0-9]{7,14}", plain):
        raise ValueError("write a phone number with the code of its country, such as +91 98450 12345")
    return plain


def shows_something(text: str) -> bool:
    """Return whether a clean text has a character that can be seen: a letter, digit, sign or emoji."""
    return any(unicodedata.category(char)[0] in "LNPS" or _is_new(char) for char in text)


def foreign_line(text: str, limit: int) -> str:
    """Return a name from another system, which cannot be refused: what can be shown of it, on one line."""
    kept = _FORBIDDEN.sub("", text)
    try:
        cleaned = clean(kept)
    except ValueError:
        cleaned = clean("".join(char for char in kept if unicodedata.category(char)[0] != "M"))
    short = " ".join(cleaned.split())[:limit].strip()
    return short if shows_something(short) else ""


def foreign_phone(text: str) -> str:
    """Return a phone number from another system as E.164 has it; empty for anything else."""
    try:
        return phone(text)
    except ValueError:
        return ""


def isolated(text: str) -> str:
    """Return a text that can stand within a sentence: one written from right to left does not reorder it."""
    if any(unicodedata.bidirectional(char) in _RTL for char in text):
        return f"\u2068{text}\u2069"
    return text


def _tidy(text: str) -> str:
    """Return the text without spaces at the ends of lines, and with single spaces."""
    return "\n".join(_SPACES.sub(" ", part).strip() for part in text.split("\n")).strip()


def _without_idle_joiners(text: str) -> str:
    return _SHAPING.sub(lambda found: _needed(text, found), text) if _SHAPING.search(text) else text


def _needed(text: str, found: re.Match[str]) -> str:
    """Return the joiner or selector out of a run of them that has something to shape: at most one each.

    A selector belongs to what it follows. A joiner belongs between two characters of a script with joined
    letters or between two emoji, or after a virama, also at the end of a word.
    """
    before, after = text[: found.start()][-1:], text[found.end() :][:1]
    if not before or before.isspace():
        return ""
    run = found[0]
    selectable = not before.isascii() or before in "0123456789#*"
    selector = next((char for char in run if char not in _JOINERS and selectable), "")
    joiner = next((char for char in run if char in _JOINERS), "")
    joins = unicodedata.combining(before) == 9 or (_joinable(before) and _joinable(after))
    return selector + (joiner if joins else "")


def _joinable(char: str) -> bool:
    return bool(char) and not char.isascii() and not char.isspace()


def _has_stacked_marks(text: str) -> bool:
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks > MAX_MARKS:
            return True
    return False


def _is_separator(char: str) -> bool:
    return bool(_SEPARATORS.match(char)) or unicodedata.category(char) in ("Pd", "Cf") or char == "\u2212"


def _plain_digit(char: str) -> str:
    return str(unicodedata.decimal(char, char))


def _is_new(char: str) -> bool:
    """Return whether a character is younger than the tables of this Python, such as a new emoji."""
    return unicodedata.category(char) == "Cn"
