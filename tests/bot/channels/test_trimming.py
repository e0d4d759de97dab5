"""What a person wrote is kept, the letter of ours below it goes; when in doubt, everything stays."""

import time

import pytest

from bot.channels.mail_in.reading import read_mail
from bot.channels.mail_in.trimming import SEPARATOR, trimmed
from tests.bot.channels.mails import payload

ANSWER = "O número é 4711-B.\n\nEle fica atrás da porta."
MARKS = ("suporte@desk.example", "PC-1001")


def own_words(name):
    told = read_mail(payload(name))
    return trimmed(told.text, told.subject, MARKS)


@pytest.mark.parametrize(
    "program",
    [
        "gmail", "gmail_wrapped_address", "gmail_english", "outlook_desktop", "outlook_web", "outlook_english",
        "outlook_mobile", "outlook_express", "iphone", "apple_english", "thunderbird", "yahoo", "yahoo_desktop",
        "samsung", "unknown_program", "html_only", "html_only_outlook",
    ],
)  # fmt: skip
def test_of_an_answer_only_what_was_written_stays(program):
    assert own_words(program) == ANSWER


def test_answers_between_the_quoted_lines_keep_everything():
    assert "4711-B" in own_words("answers_between") and "Ontem." in own_words("answers_between")
    assert "> Qual é o número de série?" in own_words("answers_between")


def test_an_answer_below_the_quotation_is_not_lost():
    assert own_words("answer_below").endswith(ANSWER)


def test_a_text_is_never_trimmed_to_nothing():
    assert own_words("only_quotation").startswith(f"> --- {SEPARATOR}")
    assert trimmed("Enviado do meu iPhone", "Re: x", MARKS) == "Enviado do meu iPhone"


def test_lists_thanks_and_what_others_are_said_to_have_written_stay():
    told = read_mail(payload("a_list"))
    assert own_words("a_list") == told.text and told.text.endswith("e depois parou.")


def test_of_a_forwarded_mail_everything_stays():
    assert own_words("forwarded").endswith("A peça PC-1001 chega amanhã.")


@pytest.mark.parametrize(
    "line",
    [
        "Enviado do meu iPhone", "Enviado do meu smartphone Samsung Galaxy.", "Enviado via iPad", "Sent from my iPhone",
        "Enviado do Outlook para Android", "Obter o Outlook para iOS", "Enviado do Yahoo Mail para iPhone",
        "Get Outlook for Android<https://aka.ms/x>", "Enviado do Email para Windows",
    ],
)  # fmt: skip
def test_what_a_telephone_adds_goes(line):
    assert trimmed(f"Não liga.\n\n{line}", "Re: x", MARKS) == "Não liga."


@pytest.mark.parametrize("line", ["Enviado do meu setor ontem", "Enviado do depósito para a loja", "Get it done"])
def test_what_only_looks_like_that_stays(line):
    assert trimmed(f"Não liga.\n\n{line}", "Re: x", MARKS).endswith(line)


def test_a_signature_goes_only_by_its_standard_mark():
    assert trimmed("Não liga.\n-- \nAna\nGerente", "Re: x", MARKS) == "Não liga."
    assert trimmed("Não liga.\n--\nNem desliga.", "Re: x", MARKS) == "Não liga.\n--\nNem desliga."


@pytest.mark.parametrize(
    "text",
    [
        "Em " + "a " * 100_000,
        "Em a\n" * 50_000,
        "De: " + " " * 200_000,
        "De: a\n" * 50_000,
        "> " * 100_000,
        "_" * 200_000,
        "Enviado do meu " * 15_000,
        "\n" * 200_000 + "x",
    ],
)
def test_no_text_takes_long(text):
    began = time.process_time()
    trimmed(text, "Re: x", MARKS)
    assert time.process_time() - began < 5
