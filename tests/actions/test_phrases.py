import pytest

from actions import correction_words, fact_words, phrases


@pytest.mark.parametrize("text", ["não ajudou", "Pode abrir o chamado", "vamos continuar", "segue com o pedido"])
def test_a_wish_to_go_on_is_heard_at_an_article(text):
    assert phrases.goes_on(text)


@pytest.mark.parametrize("text", ["desde segunda", "a segunda opção", "resolveu, obrigada", "na seguradora inteira"])
def test_other_words_are_no_wish_to_go_on(text):
    assert not phrases.goes_on(text)


@pytest.mark.parametrize("text", ["e se for só uma fila?", "mas e se parar tudo?", "Caso seja só lentidão, muda?"])
def test_a_supposition_is_heard(text):
    assert phrases.supposition(text)


@pytest.mark.parametrize("text", ["não sei se é geral", "o chat caiu", "se", ""])
def test_other_sentences_suppose_nothing(text):
    assert phrases.supposition(text) is None


@pytest.mark.parametrize(
    ("said", "new", "old"),
    [
        ("o certo é 14h, não 9h", "14h", "9h"),
        ("não é na matriz, é na filial", "na filial", "na matriz"),
        ("não são 12, são 14", "14", "12"),
        ("não foi ontem, foi anteontem", "anteontem", "ontem"),
        ("são 14 e não 12", "14", "12"),
        ("não é o forno e sim a estufa", "a estufa", "o forno"),
        ("troca sexta por quinta", "quinta", "sexta"),
        ("não é quarta\né quinta", "quinta", "quarta"),
    ],
)
def test_a_contrast_sets_a_new_value_against_an_old_one(said, new, old):
    assert correction_words.contrast(said) == correction_words.Contrast(new, old)


@pytest.mark.parametrize("said", ["o forno não abre e é urgente", "não é nada disso", "não sei", "parou tudo"])
def test_other_sentences_set_nothing_against_anything(said):
    assert correction_words.contrast(said) is None


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("na verdade é na filial de Campinas", "na filial de Campinas"),
        ("desculpa, começou foi na quarta-feira", "na quarta-feira"),
        ("o certo é a estufa, falei errado", "a estufa"),
        ("ops", "ops"),
        ("o forno da loja", "o forno da loja"),
    ],
)
def test_what_announces_a_correction_is_not_its_value(said, value):
    assert correction_words.corrected(said) == value


@pytest.mark.parametrize(
    ("value", "field"),
    [("na filial", "where"), ("na quarta", "when"), ("no dia 13", "when"), ("8h30", "when"), ("os supervisores", None)],
)
def test_a_time_and_a_place_are_told_by_their_form(value, field):
    assert fact_words.field_by_form(value) == field


@pytest.mark.parametrize("said", ["pessoa física", "são pessoas jurídicas"])
def test_a_legal_person_is_nobody_to_talk_to(said):
    assert phrases.names_a_legal_person(said)


def test_whoever_calls_a_person_about_a_legal_person_calls_a_person():
    assert not phrases.names_a_legal_person("quero falar com alguém sobre pessoa física")


@pytest.mark.parametrize("said", ["que porcaria, viu", "isso é uma palhaçada", "merda", "aff"])
def test_a_curse_alone_is_a_curse(said):
    assert phrases.only_curses(said)


@pytest.mark.parametrize(
    "said", ["essa merda não abre", "caiu essa porcaria", "na tela de login", "lixo eletrônico da equipe"]
)
def test_a_report_with_a_curse_in_it_is_a_report(said):
    assert not phrases.only_curses(said)


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("Tela branca. Só comigo, na minha máquina", "Só comigo"),
        ("parou pra todo mundo aqui da central", "pra todo mundo aqui da central"),
        ("parou para todos os operadores da loja", "para todos os operadores da loja"),
        ("nenhum dos 25 atendentes consegue", "nenhum dos 25 atendentes"),
        ("ninguém consegue entrar", "ninguém"),
        ("acontece todos os dias", None),
        ("para todas as filas", None),
    ],
)
def test_those_hit_are_told_also_by_words_that_name_nobody(said, who):
    assert fact_words.who_in(said) == who


@pytest.mark.parametrize("said", ["pular", "não tenho acesso pra isso", "depois eu tento"])
def test_a_check_may_be_left_undone(said):
    assert phrases.tries_nothing(said)


@pytest.mark.parametrize("said", ["não resolveu", "já fiz e continua", "resolveu"])
def test_a_check_that_was_made_is_not_left_undone(said):
    assert not phrases.tries_nothing(said)


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("não consulta nada em nenhuma conversa do site desde as 7h", "em nenhuma conversa do site"),
        ("fecha no celular dos 6 vendedores", "no celular"),
        ("na tela de login hoje", "na tela de login"),
        ("no Omni, módulo E-mail, na fila SAC Recife, desde cedo", "na fila SAC Recife"),
        ("no geral é ruim", None),
    ],
)
def test_a_screen_a_channel_or_a_site_is_found_in_plain_words(said, where):
    assert fact_words.where_in(said) == where


def test_an_effect_is_found_in_plain_words():
    assert fact_words.effect_in("os consumidores ficam sem resposta, e chove") == "ficam sem resposta"
    assert fact_words.effect_in("o forno fica na loja") is None


@pytest.mark.parametrize(
    ("text", "matter"),
    [("então... os emails não saem", "os emails não saem"), ("Bom dia, pessoal: o chat caiu", "o chat caiu")],
)
def test_a_greeting_is_no_part_of_the_symptom(text, matter):
    assert phrases.without_preamble(text) == matter


@pytest.mark.parametrize("text", ["bom dia", "Boa tarde!"])
def test_a_text_that_is_only_a_greeting_stays(text):
    assert phrases.without_preamble(text) == text


@pytest.mark.parametrize(
    "said", ["oi, tudo bem?", "acontece todo dia", "todas as vezes", "o chat", "qualquer coisa te falo"]
)
def test_not_every_all_is_the_whole_system(said):
    assert not phrases.says_all_of_it(said)


@pytest.mark.parametrize(("text", "nothing"), [("GENTE SOCORRO", True), ("oi, bom dia!", True), ("gente, caiu", False)])
def test_a_call_for_help_alone_tells_nothing(text, nothing):
    assert phrases.says_only_a_preamble(text) is nothing


@pytest.mark.parametrize(
    "text", ["print eu não tenho", "e não tenho foto da tela", "sem evidências", "não tenho como mandar print"]
)
def test_having_no_files_is_heard_whatever_the_order(text):
    assert phrases.says_no_files(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("dá erro numa etapa da campanha", "numa etapa da campanha"),
        ("mostra o horário errado desde segunda, na lista, para todos", "na lista"),
        ("os vendedores da filial de Recife pararam", "filial de Recife"),
        ("na verdade, ficou em branco, no total", None),
    ],
)
def test_a_place_is_found_by_its_form(text, place):
    assert fact_words.where_in(text) == place


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("parou às nove e meia da manhã; ninguém recebe", "às nove e meia da manhã"),
        ("não abre desde que abrimos", "desde que abrimos"),
        ("toda vez que transfere, o protocolo some", "toda vez que transfere"),
        ("as doze atendentes do SAC", None),
    ],
)
def test_a_time_is_found_by_its_form(text, time):
    assert fact_words.when_in(text) == time


@pytest.mark.parametrize("text", ["por que você precisa saber isso?", "pra que serve essa informação?"])
def test_a_question_about_the_question_is_heard(text):
    assert phrases.asks_why_it_is_asked(text)


@pytest.mark.parametrize("text", ["por que o chat caiu?", "porque os clientes reclamam"])
def test_other_questions_and_reasons_are_not_about_the_question(text):
    assert not phrases.asks_why_it_is_asked(text)


def test_the_only_one_hit_is_named():
    assert correction_words.only_those("pensando bem o Caio conseguiu, é só a Fernanda") == "a Fernanda"
    assert correction_words.only_those("é só isso") is None


def test_a_field_may_be_named_before_a_colon():
    assert correction_words.labelled_field("quem: a monitoria e a supervisão") == ("who", "a monitoria e a supervisão")
    assert correction_words.labelled_field("aparece: erro 500") is None


@pytest.mark.parametrize(
    ("text", "only_no"), [("não precisa", True), ("não quero mais", False), ("não vou abrir chamado", False)]
)
def test_a_no_to_one_question_is_told_from_a_no_to_everything(text, only_no):
    assert phrases.only_declines(text) == only_no


def test_what_help_is_wanted_with_is_told():
    assert not phrases.only_wants_a_ticket("preciso de ajuda pra parametrizar as regras de distribuição")
    assert phrases.only_wants_a_ticket("preciso de suporte pra abrir um chamado")
