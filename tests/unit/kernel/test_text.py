"""What people type: one form for the same text, nothing hidden in it, and nothing lost that can be seen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.text import (
    clean,
    code,
    foreign_line,
    foreign_phone,
    isolated,
    line,
    note,
    one_line,
    phone,
    shows_something,
)

HIDDEN = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u061c\u115f\u180e"
    "\u200e\u200f\u202a\u202c\u202e\u2066\u2069\ufffc\U000e0041"
)
BLANK = " \t\u00a0\u2003\u2800\u3000\u3164\uffa0"
ANY = st.text(st.one_of(st.characters(), st.sampled_from(HIDDEN + BLANK + "\n\r\u2028e\u0301क\u094d👨1")))


@pytest.mark.parametrize("char", [*HIDDEN, *BLANK, "\u2028", "\u0301"])
def test_a_text_of_what_cannot_be_seen_shows_nothing(char: str) -> None:
    assert not shows_something(clean(char * 3))
    assert shows_something(clean(f"{char}x{char}"))


@pytest.mark.parametrize("char", ["x", "७", "-", "€", "👍", "ക", "\U0001fae8"])
def test_letters_digits_signs_and_new_emoji_show_something(char: str) -> None:
    assert shows_something(clean(char))


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("\u202a12th Main, Indiranagar\u202c", "12th Main, Indiranagar"),  # a map's share button
        ("\u200fشارع النيل 12", "شارع النيل 12"),
        ("user\u202egnp.exe", "usergnp.exe"),
        ("soft\u00adhyphen and\u200bspace", "softhyphen andspace"),
        ("\ufeffHome", "Home"),
        ("Zoe\u0308", "Zoë"),
        ("12\u00a0Main\u2003Road", "12 Main Road"),
        ("a\u200db", "ab"),
        ("a\ufe0fb", "ab"),
    ],
)
def test_marks_that_come_with_pasted_text_are_removed_and_the_rest_is_kept(pasted: str, kept: str) -> None:
    assert line(pasted) == kept


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cروم",  # Persian: the non-joiner separates a prefix from its verb
        "क्\u200dष",  # Devanagari: the joiner asks for a half form
        "അവന്\u200d",  # Malayalam: a final letter of older spelling ends in a joiner
        "👨\u200d👩\u200d👧",
        "❤\ufe0f\u200d🔥",
        "1\ufe0f\u20e3",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # the flag of Scotland
        "x\u06dd",  # an Arabic mark that is a format character and can be seen
        "葛\U000e0100飾区",  # a Japanese name with a variant of a character
        "שָׁלוֹם",
        "Nguyễn Văn Ngọc",
    ],
)
def test_what_shapes_letters_and_emoji_stays(text: str) -> None:
    assert line(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", ["\u200c\u200c", "a\u200c", "\u200cا", "ا\u200c ا", "ا-\u200c"])
def test_joiners_with_nothing_to_join_are_removed(text: str) -> None:
    assert "\u200c" not in clean(text)


@pytest.mark.parametrize(
    "text", ["a\u0000", "\u001b[31m", "\u007f", "\ud800", "\ufffe", "\U0010ffff", "\ufdd0"]
)
def test_controls_and_code_points_that_are_no_characters_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not allowed"):
        clean(text)


def test_a_letter_under_a_tower_of_marks_is_refused() -> None:
    assert clean("e" + "\u0323\u0302\u0301")
    with pytest.raises(ValueError, match="marks"):
        clean("Z" + "\u0300\u0310\u0320\u0330" * 4)


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\v", "\f", "\u0085", "\u2028", "\u2029"])
def test_a_line_break_is_refused_in_a_name_a_comma_in_an_address_and_kept_in_a_note(break_: str) -> None:
    text = f" 12th Main,{break_}Indiranagar{break_}{break_}{break_}560038{break_}"

    assert one_line(text) == "12th Main, Indiranagar, 560038"
    assert note(text) == "12th Main,\nIndiranagar\n\n560038"
    with pytest.raises(ValueError, match="one line"):
        line(text)
    assert line(f"Home{break_}") == "Home"


@pytest.mark.parametrize(
    "shown",
    [
        "123 456",
        "123\u00a0456",
        "123-456",
        "123–456",
        "123.456",
        " 12 34 56\n",
        "123\u200b456",
        "१२३४५६",
        "１２３４５６",
    ],
)
def test_a_code_is_compared_without_the_way_it_is_shown(shown: str) -> None:
    assert code(shown) == "123456"


def test_a_code_of_letters_keeps_no_capitals() -> None:
    assert code("ABCD-efgh IJKL_mnop") == "abcdefghijklmnop"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("98450 12345", "+919845012345"),
        ("098450-12345", "+919845012345"),
        ("+91 (98450) 12345", "+919845012345"),
        ("\u202a+91 98450 12345\u202c", "+919845012345"),
        ("0044 20 7946 0958", "+442079460958"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("९८४५०१२३४५", "+919845012345"),
    ],
)
def test_a_phone_number_is_kept_as_e164(typed: str, number: str) -> None:
    assert phone(typed) == foreign_phone(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "12", "+0123456789", "call me", "+91 98450 12345 98450", "98450x12345"]
)
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    assert foreign_phone(typed) == ""
    with pytest.raises(ValueError, match="phone number"):
        phone(typed)


def test_a_name_from_another_system_is_shown_as_far_as_it_can_be() -> None:
    assert foreign_line(" A\x00s\u007fha\n\tRao\u202e ", 20) == "Asha Rao"
    assert foreign_line("Z" + "\u0300" * 50, 20) == "Z"
    assert foreign_line("\u3164\u200b", 20) == ""
    assert foreign_line("x" * 50, 20) == "x" * 20


def test_a_name_from_right_to_left_does_not_reorder_the_sentence_around_it() -> None:
    assert isolated("مطعم 5") == "\u2068مطعم 5\u2069"
    assert isolated("Dosa Corner") == "Dosa Corner"


@given(ANY)
def test_to_clean_twice_changes_nothing(text: str) -> None:
    for normal in (clean, line, one_line, note, code):
        try:
            once = normal(text)
        except ValueError:
            continue
        assert normal(once) == once or (normal is code and not once.isascii()), normal.__name__


@given(ANY)
def test_clean_text_hides_nothing(text: str) -> None:
    try:
        cleaned = clean(text)
    except ValueError:
        return
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not set(cleaned) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b"
    )
    assert all(unicodedata.category(char) not in ("Cc", "Cs") or char == "\n" for char in cleaned)


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd", "So"], max_codepoint=0x2FF)))
def test_letters_digits_and_signs_are_never_lost(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


@given(ANY, st.integers(1, 50))
def test_a_name_from_another_system_is_always_one_line_within_its_limit(text: str, limit: int) -> None:
    shown = foreign_line(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown
    assert not shown or shows_something(shown)


@given(st.lists(st.tuples(st.sampled_from("0123456789"), st.sampled_from([*" -\u00a0\u2013.\u200b", ""]))))
def test_no_separator_changes_a_code(shown: list[tuple[str, str]]) -> None:
    assert code("".join(digit + between for digit, between in shown)) == "".join(digit for digit, _ in shown)
