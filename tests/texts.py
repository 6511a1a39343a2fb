"""Texts as people paste them, for tests of any route that takes text."""

SHOWS_NOTHING = (
    "\u200b",  # zero-width space
    "\u2800",  # blank Braille cell
    "\u3164",  # Hangul filler
    "\u200d",  # joiner
    "\ufeff",  # byte order mark
    "\u00ad",  # soft hyphen
    "\u200f\u202a\u202c",  # direction marks
    " \u00a0\u2003\u200b ",
    "\U000e0041\u2063\u115f",
)
"""Names that show nothing."""

BROKEN_NAMES = (
    "Asha\nRao",
    "Asha\r\nRao",
    "Asha\u2028Rao",
    "Asha\u0085Rao",
    "Asha\u0000",
    "Z" + "\u0310" * 20,
)
"""Names that break a line, the terminal or the lines around them."""

PASTED = {
    "\u202a12th Main, Indiranagar\u202c": "12th Main, Indiranagar",
    "\u200f12th Main, Indiranagar": "12th Main, Indiranagar",
    "\ufeff12th\u00a0Main,\u200b Indiranagar ": "12th Main, Indiranagar",
    "12th Main\nIndiranagar\n": "12th Main, Indiranagar",
    "شارع النيل\u200f ١٢": "شارع النيل ١٢",
    "می\u200cروم": "می\u200cروم",
}
"""Addresses as maps and chats give them, and what is stored."""
