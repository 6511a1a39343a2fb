"""Words that are stored of a merchant, and words that are looked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue.search import MAX_TERMS, MAX_WORDS, category_key, search_terms, terms_of, words_of

pytestmark = pytest.mark.mission("B3")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("mas", "Masala Dosa"),
        ("MASALA", "masala dosa"),
        ("dosa masala", "Masala Dosa"),
        ("cafe", "Café Noir"),
        ("Café", "CAFE NOIR"),
        ("ﬁsh", "Fish & Chips"),
        ("५", "होटल ५"),
        ("दोसा", "मसाला दोसा"),
        ("मसा", "मसाला दोसा"),
        ("ದೋಸೆ", "ಮಸಾಲೆ ದೋಸೆ"),
        ("தோசை", "மசாலா தோசை"),
        ("দোসা", "মসলা দোসা"),
        ("क्\u200dष", "क्षेत्र"),
        ("strasse", "Straße"),
        ("mcdonalds", "McDonald’s"),
        ("mhz", "㎒ Radio"),
        ("x", "Brand X"),
        ("supercalifragilistic", "Supercalifragilisticexpialidocious"),
    ],
)
def test_a_word_is_found_by_its_beginning_however_it_is_written(asked: str, name: str) -> None:
    assert set(search_terms(asked)) <= set(terms_of(name, "", []))


@pytest.mark.parametrize(("asked", "name"), [("osa", "Dosa"), ("dosa idli", "Dosa"), ("दास", "दोसा")])
def test_what_is_not_there_is_not_found(asked: str, name: str) -> None:
    assert not set(search_terms(asked)) <= set(terms_of(name, "", []))


def test_the_items_and_the_category_are_found_too() -> None:
    terms = set(terms_of("Corner", "South Indian", ["Masala dosa", "Filter coffee"]))
    assert {"corner", "so", "indian", "masala", "filt"} <= terms


def test_of_very_many_items_the_name_and_whole_words_go_first() -> None:
    items = [f"dish{n:05}" for n in range(900)]
    terms = terms_of("Dosa Corner", "South Indian", items)
    assert len(terms) == MAX_TERMS
    assert {"dosa", "cor", "indian", *items} <= set(terms)


@pytest.mark.parametrize("text", ["", "   ", "!!!", "\u200d", "—…"])
def test_a_text_may_hold_no_word(text: str) -> None:
    assert search_terms(text) == ()


def test_the_longest_word_leads_and_a_long_question_is_cut() -> None:
    assert search_terms("a masala of dosa")[0] == "masala"
    assert len(search_terms(" ".join(f"word{n}" for n in range(50)))) == MAX_WORDS


def test_categories_are_equal_however_they_are_written() -> None:
    assert category_key(" South-INDIAN ") == category_key("south indian") != category_key("indian")


@given(st.text(max_size=80))
def test_every_text_is_found_by_itself(text: str) -> None:
    assert set(search_terms(text)) <= set(terms_of(text, "", []))
    assert all(0 < len(word) <= 12 for word in words_of(text))


def test_what_a_text_unfolds_to_beyond_all_names_does_not_count() -> None:
    salutation = "\ufdfa"  # one character that stands for eighteen
    assert "zebra" in words_of(f"{salutation} zebra")
    assert "zebra" not in words_of(salutation * 190 + " zebra")
