"""From bubbles to WhatsApp's forms: over no limit, and nothing lost."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog import load_catalog
from bot.channels.whatsapp_rendering import Form, choice_id, cut, formatted, is_numbered, render, template_parameter
from bot.settings import ROOT
from tests.conftest import COMPANY
from tests.graph_limits import complaints

DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
VARIANTS = [
    pytest.param(variant, id=f"{name}-{number}")
    for name, variants in DOMAIN["responses"].items()
    for number, variant in enumerate(variants)
]
LONG = " ".join(f"Frase número {n}, que conta um pouco mais do problema." for n in range(200))


def bubble(text=None, titles=(), articles=()):
    choices = [{"title": title, "value": f'/choose{{"n": {n}}}'} for n, title in enumerate(titles)]
    return {"text": text, "choices": choices, "articles": list(articles)}


def sent(form: Form):
    """The form as it would be posted, for the checker that knows Meta's limits."""
    message = {"messaging_product": "whatsapp", "to": "55", "type": "text", "text": {"body": form.text}}
    if not form.buttons and not form.rows:
        return message
    if form.buttons:
        replies = [{"reply": {"id": option.id, "title": option.title}} for option in form.buttons]
        interactive = {"type": "button", "action": {"buttons": replies}}
    else:
        rows = [{"id": o.id, "title": o.title, "description": o.description} for o in form.rows]
        action = {"button": form.list_button, "sections": [{"title": form.section, "rows": rows}]}
        interactive = {"type": "list", "action": action}
    return {**message, "type": "interactive", "interactive": {**interactive, "body": {"text": form.text}}}


def problems(forms):
    return [problem for form in forms for problem in complaints(sent(form))]


def options(forms):
    return [option for form in forms for option in (*form.buttons, *form.rows)]


@pytest.mark.parametrize("filling", ["curto", LONG], ids=["short", "long"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_no_message_of_the_domain_is_over_a_limit_and_every_button_is_there(variant, filling):
    text = re.sub(r"\{\w+\}", lambda _: filling, variant["text"])
    choices = [{"title": b["title"], "value": b["payload"]} for b in variant.get("buttons", ())]
    forms = render({"text": text, "choices": choices, "articles": []})
    assert forms and problems(forms) == []
    assert [option.id for option in options(forms)] == [choice["value"] for choice in choices]
    assert " ".join(" ".join(form.text for form in forms).split()) == " ".join(formatted(text).split())


def test_every_list_of_the_company_s_catalog_fits():
    catalog = load_catalog(COMPANY)
    lists = [[p.title for p in catalog.products.values()]]
    lists += [[m.title for m in catalog.modules(key).values()] for key in catalog.products]
    lists += [[kind.title for kind in catalog.types_of(key).values()] for key in catalog.products]
    for titles in lists:
        assert problems(render(bubble("Qual?", titles))) == [], titles


def test_up_to_three_short_choices_are_buttons():
    (form,) = render(bubble("Isso resolve?", ["Sim, resolveu", "Não, continuar"]))
    assert [option.title for option in form.buttons] == ["Sim, resolveu", "Não, continuar"] and not form.rows


@pytest.mark.parametrize("titles", [["a", "b", "c", "d"], ["Um título com mais de vinte", "b"], ["igual", "igual"]])
def test_four_choices_or_a_longer_or_an_equal_title_make_a_list(titles):
    (form,) = render(bubble("Qual?", titles))
    assert not form.buttons and len(form.rows) == len(titles) and problems([form]) == []


def test_a_row_s_title_that_is_too_long_stands_whole_below_it():
    title = "Enviar mensagens em massa para os clientes"
    (form,) = render(bubble("Qual?", [title]))
    assert len(form.rows[0].title) <= 24 and form.rows[0].title.endswith("…") and form.rows[0].description == title


def test_titles_longer_than_a_description_stand_in_the_text_with_their_numbers():
    titles = [f"{n} " + "situação muito comprida " * 6 for n in "ab"]
    (form,) = render(bubble("Qual?", titles))
    assert is_numbered(titles)
    assert f"1. {titles[0]}" in form.text and form.rows[1].title.startswith("2. ")


def test_more_than_ten_choices_are_numbered_text_that_says_how_to_answer():
    titles = [f"Campo {n}" for n in range(1, 13)]
    (form,) = render(bubble("O que você quer mudar?", titles))
    assert not form.rows and not form.buttons
    assert "12. Campo 12" in form.text and "número" in form.text


def test_a_long_text_with_choices_goes_ahead_of_them():
    *ahead, last = render(bubble(LONG, ["Sim", "Não"]))
    assert ahead and all(not form.buttons for form in ahead)
    assert len(last.buttons) == 2 and problems([*ahead, last]) == []
    assert len(ahead) == 3  # ten thousand characters: three messages of up to 4096


def test_choices_without_a_text_still_have_one():
    (form,) = render(bubble(None, ["Sim"]))
    assert form.text and problems([form]) == []


def test_a_bubble_with_nothing_in_it_is_no_message():
    assert render(bubble(None)) == [] and render(bubble("  ")) == []


def test_an_article_has_its_title_its_passage_and_its_link():
    card = {
        "title": "Transferir um atendimento",
        "passage": "Toque em **Transferir**.",
        "url": "https://ajuda.example/1",
    }
    (form,) = render(bubble("Encontrei isto:", articles=[card]))
    assert form.text == (
        "Encontrei isto:\n\n*Transferir um atendimento*\nToque em *Transferir*.\nhttps://ajuda.example/1"
    )


@pytest.mark.parametrize(
    ("markdown", "whatsapp"),
    [
        ("**PC-1** — título", "*PC-1* — título"),
        ("- **Quem**: 14 operadores", "- *Quem*: 14 operadores"),
        ("## Passos\n* um\n+ dois", "*Passos*\n- um\n- dois"),
        ("veja [o guia](https://a.example/x)", "veja o guia (https://a.example/x)"),
        ("[clique](javascript:alert(1))", "[clique](javascript:alert(1))"),
        ("~~não~~", "~não~"),
        ("2*3*4 e snake_case", "2*3*4 e snake_case"),
        ("custa ** caro **", "custa ** caro **"),
    ],
)
def test_markdown_becomes_whatsapp_s_own(markdown, whatsapp):
    assert formatted(markdown) == whatsapp


def test_a_text_is_cut_where_a_sentence_ends():
    pieces = cut(LONG, 300)
    assert all(len(piece) <= 300 and piece.endswith(".") for piece in pieces)


def test_a_paragraph_is_a_better_end_than_a_sentence():
    assert cut("Um dois. Três.\n\nQuatro cinco. Seis.", 25) == ["Um dois. Três.", "Quatro cinco. Seis."]


@given(st.text(max_size=3_000), st.integers(10, 400))
def test_cutting_loses_no_word_and_keeps_the_limit(text, limit):
    pieces = cut(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.text(max_size=6_000), st.lists(st.text(min_size=1, max_size=150).filter(str.strip), max_size=14))
def test_whatever_is_said_no_limit_is_passed_and_no_choice_lost(text, titles):
    forms = render(bubble(text, titles))
    assert problems(forms) == []
    if 0 < len(titles) <= 10:
        assert len(options(forms)) == len(titles)


def test_an_id_that_is_too_long_is_replaced_by_a_mark_that_only_it_has():
    long, other = "/choose" + "a" * 300, "/choose" + "b" * 300
    assert len(choice_id(long)) <= 200 and choice_id(long) != choice_id(other) and choice_id("/sim") == "/sim"


def test_a_template_s_parameter_is_one_line_within_its_limit():
    parameter = template_parameter(bubble("Chamado **PC-1**:\n\n  novo    prazo\t" + LONG))
    assert parameter.startswith("Chamado *PC-1*: novo prazo ") and len(parameter) <= 800 and "\n" not in parameter
