import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import fold, has_words, plain


@given(st.text(max_size=40))
def test_folding_keeps_every_offset(text):
    assert len(fold(text)) == len(text)


def test_folding_takes_case_and_accents_away():
    assert fold("Não é AÇÃO") == "nao e acao"


def test_plain_text_has_single_spaces_and_none_at_its_ends():
    assert plain("  Está\n\tlento  ") == "esta lento"


@pytest.mark.parametrize("text", ["a", "42", "ok 👍", "ç"])
def test_a_letter_or_a_digit_is_something_to_read(text):
    assert has_words(text)


@pytest.mark.parametrize("text", ["", "   ", "👍", "?!…", "\n\t"])
def test_blanks_emoji_and_punctuation_are_nothing_to_read(text):
    assert not has_words(text)
