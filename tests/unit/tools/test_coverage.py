"""The page of what is tested is read from the tests' own marks."""

from __future__ import annotations

from tools.docs.coverage import main, marks


def test_the_committed_page_is_that_of_the_tests_and_no_row_is_empty() -> None:
    assert main(["--check"]) == 0


def test_a_mark_counts_for_its_test_and_a_modules_mark_for_all_of_them() -> None:
    source = """
import pytest
pytestmark = [pytest.mark.emulator, pytest.mark.mission("C1")]

@pytest.mark.mission("C1", "C3")
def test_one(): ...

def test_two(): ...

def no_test(): ...
"""

    assert sorted(marks(source)) == [("C1", "test_one"), ("C1", "test_two"), ("C3", "test_one")]
