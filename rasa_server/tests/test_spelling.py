"""How a message is written out for the models."""

import pytest
import yaml

from rasa_server.spelling import SPELLINGS, Spelling, fold

SPELLING = Spelling({"você": ["vc"], "por favor": ["pf"], "não": ["n"]})


@pytest.mark.parametrize(
    "text, full",
    [
        ("VC n abriu, pf", "voce nao abriu, por favor"),
        ("Açaí", "acai"),
        ("vcs", "vcs"),
        ("PC-1042", "ticketnumber"),
        ("às 14h30", "as timeofday"),
        ("veja https://exemplo.com/n?vc=1", "veja weblink"),
        ("ana@empresa.example", "mailaddress"),
        ("", ""),
    ],
)
def test_a_message_is_written_out(text: str, full: str) -> None:
    assert " ".join(SPELLING.written_out(text).split()) == full


def test_numbers_become_one_mark() -> None:
    assert SPELLING.written_out("são 12 caixas") == SPELLING.written_out("são 400 caixas")


def test_each_short_form_stands_for_one_word_and_is_not_itself_written_out() -> None:
    """YAML takes a bare `n` or `no` for false."""
    forms = [form for shorts in yaml.safe_load(SPELLINGS.read_text("utf-8")).values() for form in shorts]
    assert [form for form in forms if not isinstance(form, str)] == []
    assert len({fold(form) for form in forms}) == len(forms)
