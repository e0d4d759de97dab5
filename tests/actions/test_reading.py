"""The policy of the conversation, message by message, without any server."""

import pytest

from actions.heard import Heard, Span
from actions.reading import Reader
from bot.catalog import load_catalog
from bot.settings import ROOT


@pytest.fixture(scope="module")
def reader():
    return Reader(load_catalog(ROOT / "company"), "PC")


def spans(text="", **words):
    """Spans as they stand in `text`, or at its beginning where that is left open."""
    return {name: Span(value, 0.95, max(text.find(value), 0)) for name, value in words.items()}


def midway(asked, **known):
    return {"requested_slot": asked, "product": "OMNI", "module": "CHAT", "type": "report_error", **known}


ALL_IN_ONE = (
    "Desde hoje às 6h40 o AVI não consegue consultar os pedidos no ERP, em todas as conversas do site, "
    "e os consumidores ficam sem resposta. Meu telefone é (31) 3333-9090, até as 17h, e não tenho anexo."
)


def test_a_message_that_tells_everything_fills_everything(reader):
    told = spans(
        ALL_IN_ONE, when="Desde hoje às 6h40", what="não consegue consultar os pedidos no ERP", who="os consumidores",
        where="em todas as conversas do site", why="ficam sem resposta",
    )  # fmt: skip
    read = reader.opening(Heard(ALL_IN_ONE, "report_error", 0.9, told))
    assert (read["product"], read["module"], read["type"]) == ("AVI", "AVI", "report_error")
    assert read["what"] == "não consegue consultar os pedidos no ERP"
    assert read["contact"] == "(31) 3333-9090, até as 17h"
    assert read["attachments"] == "none"


def test_a_symptom_in_a_few_words_is_kept_to_be_detailed(reader):
    said = "o robô responde errado"
    read = reader.opening(Heard(said, "report_error", 0.9, spans(said, what="responde errado")))
    assert read["symptom"] == "responde errado"
    assert "what" not in read


def test_a_symptom_goes_on_to_the_end_of_its_clause_unless_another_why_begins(reader):
    said = 'Na tela de pessoa aparece <b class="x">ORA-01756: erro</b> ao gravar, desde ontem, e o cadastro para'
    told = spans(
        said, where="Na tela de pessoa", what='aparece <b class="x"', when="desde ontem", why="o cadastro para"
    )
    read = reader.opening(Heard(said, "report_error", 0.9, told))
    assert read["what"] == 'aparece <b class="x">ORA-01756: erro</b> ao gravar'


def test_a_symptom_does_not_end_in_what_leads_on_to_the_next_why(reader):
    said = "O Report Builder do Omni está lento demais para parte da supervisão desde ontem"
    told = spans(
        said, where="O Report Builder do Omni", what="está lento", who="parte da supervisão", when="desde ontem"
    )
    assert reader.opening(Heard(said, "report_error", 0.9, told))["what"] == "está lento demais"


def test_details_are_added_to_the_first_mention(reader):
    heard = Heard("cai em cancelamento em vez de mandar o boleto", "report_error", 0.9)
    read = reader.read(heard, midway("what", symptom="responde errado"))
    assert read.updates["what"] == "responde errado. cai em cancelamento em vez de mandar o boleto"


def test_wanting_a_ticket_names_its_type_but_no_problem(reader):
    read = reader.opening(Heard("quero abrir um chamado de melhoria", "open_ticket", 0.9))
    assert read == {"attempts": 0, "type": "improvement_request"}
    assert "opening" not in read


def test_an_answer_is_kept_as_it_was_typed(reader):
    text = "O texto exibe {{product}} em vez do nome; '; DROP TABLE artigos; --"
    assert reader.read(Heard(text, "report_error", 0.6), midway("what")).updates["what"] == text


def test_an_answer_to_another_why_fills_that_one(reader):
    heard = Heard("em todas as lojas", "add_information", 0.8, spans(where="em todas as lojas"))
    assert reader.read(heard, midway("what")).updates == {"where": "em todas as lojas", "attempts": 0}


def test_two_facts_in_one_answer_fill_two_fields(reader):
    told = {"who": Span("os 14 operadores", 0.95, 0), "when": Span("desde ontem", 0.95, 18)}
    heard = Heard("os 14 operadores, desde ontem", "add_information", 0.8, told)
    updates = reader.read(heard, midway("who")).updates
    assert updates["who"] == "os 14 operadores"
    assert updates["when"] == "desde ontem"


def test_a_place_that_is_part_of_the_answer_is_no_second_fact(reader):
    told = {"where": Span("no site", 0.99, 22)}
    heard = Heard("qualquer um que compra no site", "add_information", 0.8, told)
    updates = reader.read(heard, midway("who")).updates
    assert updates["who"] == "qualquer um que compra no site"
    assert "where" not in updates


def test_a_title_is_not_searched_for_whys(reader):
    heard = Heard("Grupo Cobrança não responde", "report_error", 0.9, spans(who="Grupo Cobrança"))
    updates = reader.read(heard, midway("subject")).updates
    assert updates["subject"] == "Grupo Cobrança não responde"
    assert "who" not in updates


@pytest.mark.parametrize("asked", ["product", "what", "confirm", "attachments", "contact"])
def test_a_human_is_reachable_from_every_question(reader, asked):
    heard = Heard("quero falar com uma pessoa", "talk_to_human", 0.95)
    assert reader.read(heard, midway(asked)).updates == {"outcome": "handoff"}


def test_leaving_is_confirmed_first(reader):
    heard = Heard("esquece, não precisa mais", "cancel", 0.95)
    assert reader.read(heard, midway("where")).updates["leaving"] == "cancel"
    answered = reader.read(Heard("sim, pode cancelar", "cancel", 0.9), midway("cancel_confirm", leaving="cancel"))
    assert answered.updates == {"outcome": "cancelled"}


def test_whoever_stays_goes_on_where_it_was(reader):
    read = reader.read(Heard("não, quero continuar", "deny", 0.9), midway("cancel_confirm", leaving="cancel"))
    assert read.updates["leaving"] is None


def test_a_correction_replaces_product_and_what_depends_on_it(reader):
    heard = Heard("na verdade o produto é AVI, não é o Omni", "correct_field", 0.8)
    updates = reader.read(heard, midway("where", impact_answers=["kind:down"])).updates
    assert (updates["product"], updates["module"], updates["impact_answers"]) == ("AVI", "AVI", None)
    assert "where" not in updates


def test_two_corrections_at_once(reader):
    heard = Heard(
        "quase: o telefone é (11) 98888-7777 e são só os supervisores",
        "correct_field", 0.8, spans(who="só os supervisores"),
    )  # fmt: skip
    updates = reader.read(heard, midway("confirm", who="todos", contact="ramal 1")).updates
    assert updates["who"] == "só os supervisores"
    assert "98888-7777" in updates["contact"]


def test_the_new_value_stands_without_the_old_one(reader):
    heard = Heard("o horário é 8h30, não 9h", "correct_field", 0.8)
    updates = reader.read(heard, midway("confirm", when="às 9h", opening="parou às 9h")).updates
    assert (updates["when"], updates["opening"]) == ("8h30", None)


def test_a_question_about_another_ticket_is_left_to_a_rule(reader):
    read = reader.read(Heard("e o PC-10442, já responderam?", "track_ticket", 0.8), midway("why"))
    assert read.digression


def test_an_answer_that_only_sounds_like_a_digression_is_an_answer(reader):
    text = "os clientes perguntam qual o prazo e ninguém sabe responder para eles no balcão"
    read = reader.read(Heard(text, "sla_question", 0.6), midway("why"))
    assert read.updates["why"] == text


@pytest.mark.parametrize(
    ("said", "type"),
    [("erro", "report_error"), ("não sei, acho que dúvida", "usability_question"), ("a segunda", "technical_support"), ("4", "improvement_request")],
)  # fmt: skip
def test_a_closed_question_is_answered_in_words_or_by_position(reader, said, type):
    assert reader.read(Heard(said), midway("type", type=None)).updates["type"] == type


def test_each_misunderstanding_is_counted_up_to_two(reader):
    slots = midway("product", product=None, module=None)
    assert reader.read(Heard("xpto"), slots).updates == {"attempts": 1}
    assert reader.read(Heard("xpto"), {**slots, "attempts": 2}).updates == {"attempts": 2}


@pytest.mark.parametrize("said", ["o sistema td, n eh uma tela so", "tudo", "em qualquer tela", "não sei", "sei lá"])
def test_who_speaks_of_no_module_means_the_whole_product(reader, said):
    assert reader.read(Heard(said), midway("module", product="OMNI", module=None)).updates["module"] == "OMNI"


def test_a_module_asked_for_twice_in_vain_is_the_whole_product(reader):
    slots = midway("module", product="OMNI", module=None)
    assert reader.read(Heard("xpto"), slots).updates == {"attempts": 1}
    assert reader.read(Heard("xpto"), {**slots, "attempts": 2}).updates["module"] == "OMNI"


@pytest.mark.parametrize(
    ("asked", "said"), [("who", "comecou 9h20"), ("where", "ah isso começou segunda de manhã, depois da atualização")]
)
def test_when_it_began_is_heard_whatever_was_asked(reader, asked, said):
    updates = reader.read(Heard(said, "add_information", 0.9), midway(asked)).updates
    assert updates["when"] == said and asked not in updates


@pytest.mark.parametrize("said", ["sei la", "não sei dizer", "não faço ideia"])
def test_a_why_that_nobody_knows_is_not_asked_again(reader, said):
    assert reader.read(Heard(said), midway("who")).updates["who"] == "não informado"


def test_whoever_has_no_details_has_told_the_symptom_already(reader):
    read = reader.read(Heard("não sei"), midway("what", symptom="o chat trava"))
    assert read.updates["what"] == "o chat trava"


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ("cancel", "ih, deixa quieto! acabou de aparecer tudo de novo aqui, não precisa mais não, desculpa"),
        ("talk_to_human", "bah cara, chega de perguntinha, me passa p uma pessoa de verdade aí por favor"),
    ],
)
def test_who_surely_wants_to_leave_or_a_person_is_heard_at_any_length(reader, goal, said):
    updates = reader.read(Heard(said, goal, 0.97), midway("why")).updates
    assert updates.get("leaving") == "cancel" or updates.get("outcome") == "handoff"
    assert "why" not in updates


def test_a_question_for_other_tickets_is_no_correction_though_it_begins_like_one(reader):
    said = "alias cade os chamado q eu ja abri? me mostra meus chamados"
    assert reader.read(Heard(said, "list_tickets", 0.98), midway("why")).digression


@pytest.mark.parametrize("asked", ["who", "where", "when", "why"])
def test_a_question_beside_the_matter_is_no_fact_though_it_is_heard_dimly(reader, asked):
    read = reader.read(Heard("me indica um restaurante bom?", "out_of_scope", 0.4), midway(asked))
    assert asked not in read.updates and read.aside == "utter_question_midway"


def test_what_is_denied_again_takes_nothing_back(reader):
    said = "Aparece um aviso em vermelho e não grava o cadastro."
    slots = midway("who", what="o sistema não grava o cadastro", answered="what")
    assert "what" not in reader.read(Heard(said, "report_error", 0.9), slots).updates


def test_a_module_written_wrongly_is_the_one_said_to_be_right(reader):
    said = "Um ajuste: escrevi Report Builder, mas o correto é Dashboard."
    slots = midway("confirm", product="OMNI", module="REPORT BUILDER", where="no Report Builder do Omni")
    updates = reader.read(Heard(said, "correct_field", 0.9), slots).updates
    assert (updates["module"], updates["where"]) == ("DASHBOARD", "Omni CRM / Dashboard")


@pytest.mark.parametrize(
    ("said", "told", "when"),
    [
        ("Só uma correção: começou na terça-feira, não na quarta.", "Começou na quarta-feira passada.", "terça"),
        ("ou pera, viajei, n foi segunda n, foi domingo", "desde segunda", "domingo"),
    ],
)
def test_a_day_is_corrected_by_the_other_day_alone(reader, said, told, when):
    updates = reader.read(Heard(said, "correct_field", 0.9), midway("why", when=told, answered="when")).updates
    assert when in updates["when"] and "correção" not in updates["when"] and "why" not in updates
    assert not {"quarta", "segunda"} & set(updates["when"].replace("-", " ").split())


def test_a_file_at_any_time_is_kept_with_the_others(reader):
    updates = reader.read(Heard(None, command="send_attachment", files=("b",)), midway("where", files=["a"])).updates
    assert updates["files"] == ["a", "b"]
    assert "where" not in updates


def test_refusing_files_is_no_ticket_without_the_file_announced(reader):
    assert reader.read(Heard("não tenho", "deny", 0.9), midway("attachments")).updates["attachments"] == "none"
    assert "attachments" not in reader.read(Heard("sim, vou mandar", "affirm", 0.9), midway("attachments")).updates


def test_a_button_says_exactly_what_it_means(reader):
    pressed = Heard(None, command="choose", command_values={"field": "product", "value": "AVI"})
    assert reader.read(pressed, midway("product", product=None, module=None)).updates == {
        "product": "AVI", "module": "AVI", "attempts": 0,
    }  # fmt: skip


def test_reopening_a_field_at_the_summary_empties_only_that_field(reader):
    pressed = Heard(None, command="choose", command_values={"field": "correction", "value": "where"})
    assert reader.read(pressed, midway("correction", amending=True)).updates == {
        "amending": None, "correction": None, "where": None, "attempts": 0,
    }  # fmt: skip


def test_nobody_belongs_to_the_symptom(reader):
    text = "ninguém da loja consegue entrar no chat, e a fila passou de 90 clientes esperando"
    told = {
        "who": Span("ninguém da loja", 0.9, 0),
        "what": Span("consegue entrar no chat", 0.9, 16),
        "why": Span("a fila passou de 90 clientes esperando", 0.9, 43),
    }
    assert reader.opening(Heard(text, "report_error", 0.9, told))["what"] == "ninguém da loja consegue entrar no chat"


def test_a_question_that_names_an_option_does_not_choose_it(reader):
    asked = Heard("você é um robô?", "bot_challenge", 0.9)
    assert reader.read(asked, {"requested_slot": "product"}).digression


def test_a_correction_by_contrast_changes_the_field_told_last_that_holds_the_old_value(reader):
    known = {"who": "os 12 da matriz", "where": "na matriz", "answered": "where"}
    updates = reader.read(Heard("não é na matriz, é na filial", "correct_field", 0.6), midway("when", **known)).updates
    assert updates["where"] == "na filial" and "who" not in updates and "when" not in updates


def test_a_contrast_with_what_nobody_said_is_an_answer(reader):
    text = "não é quarta, é quinta"
    updates = reader.read(Heard(text, "add_information", 0.6), midway("when", where="na matriz")).updates
    assert updates["when"] == text


def test_what_announces_a_correction_is_not_kept_as_an_answer(reader):
    updates = reader.read(Heard("ops, na tela de login", "correct_field", 0.6), midway("where")).updates
    assert updates["where"] == "na tela de login"


def test_another_product_named_with_its_label_changes_no_why(reader):
    heard = Heard("na verdade o produto é AVI, não é o Omni", "correct_field", 0.9, spans(who="o produto é AVI"))
    read = reader.read(heard, midway("where", who="quem compra no site", what="troca os assuntos"))
    assert (read.updates["product"], read.updates["module"]) == ("AVI", "AVI")
    assert not {"who", "what", "where"} & set(read.updates)


def test_a_product_confirmed_against_another_changes_no_why(reader):
    heard = Heard("na verdade o produto é AVI, não é o Omni", "correct_field", 0.9)
    known = midway("where", who="quem compra no site", what="troca os assuntos", answered="who")
    read = reader.read(heard, {**known, "product": "AVI", "module": "AVI"})
    assert not {"who", "what", "where", "product"} & set(read.updates)


def test_a_symptom_told_on_where_the_time_was_asked_is_no_time_but_only_once(reader):
    heard = Heard("ninguém consegue responder cliente", "report_error", 0.9)
    known = midway("when", what="o chat caiu", who="todos", where="nas lojas", answered="where")
    read = reader.read(heard, known)
    assert read.updates["what"] == "o chat caiu. ninguém consegue responder cliente" and "when" not in read.updates
    again = reader.read(heard, {**known, **read.updates})
    assert again.updates["when"] == "ninguém consegue responder cliente"


@pytest.mark.parametrize("words", ["desde que atualizou", "toda vez que abre", "sempre", "faz um tempinho já"])
def test_an_answer_about_the_time_in_any_words_is_one(reader, words):
    known = midway("when", what="o chat caiu", who="todos", where="nas lojas", answered="where")
    assert reader.read(Heard(words, "report_error", 0.9), known).updates.get("when") == words


def test_a_question_where_a_fact_was_asked_for_is_no_answer(reader):
    read = reader.read(Heard("quem vai ver isso?", "add_information", 0.5), midway("who"))
    assert (read.aside, read.updates) == ("utter_question_midway", {"attempts": 0})


def test_not_knowing_the_module_is_helped_with(reader):
    heard = Heard("e se eu não souber o módulo?", "correct_field", 0.66)
    assert reader.read(heard, midway("module", module=None)).aside == "utter_if_not_known"


def test_what_the_screen_shows_belongs_to_the_symptom(reader):
    told = {"what": Span("não consegue trocar a senha", 0.9, 4), "where": Span("no administrador", 0.9, 32)}
    read = reader.opening(
        Heard("ela não consegue trocar a senha no administrador, dá senha inválida", "report_error", 0.9, told)
    )
    assert read["what"] == "não consegue trocar a senha, dá senha inválida"


def test_a_no_at_the_files_does_not_leave(reader):
    read = reader.read(Heard("não precisa", "cancel", 0.5), midway("attachments"))
    assert read.updates["attachments"] == "none"


def test_a_field_named_before_a_colon_is_corrected_while_another_is_asked_for(reader):
    read = reader.read(Heard("quem: a monitoria", "add_information", 0.6), midway("when", who="os supervisores"))
    assert read.updates["who"] == "a monitoria"
    assert "when" not in read.updates


def test_another_kind_is_taken_in_the_middle_of_an_open_question(reader):
    heard = Heard("pensando bem não é erro, é uma sugestão de melhoria", "improvement_request", 0.8)
    assert reader.read(heard, midway("what", symptom="falta o pix")).updates["type"] == "improvement_request"


def test_a_bare_telephone_number_is_no_place(reader):
    updates = reader.read(Heard("(21) 3535-0000", "add_information", 0.8), midway("where")).updates
    assert updates["contact"] == "(21) 3535-0000"
    assert "where" not in updates


def test_without_time_is_without_files(reader):
    updates = reader.read(Heard("sem tempo", "sla_question", 0.8), midway("attachments")).updates
    assert updates["attachments"] == "none"
