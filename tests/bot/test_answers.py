import pytest

from bot import answers


@pytest.mark.parametrize(
    "text",
    [
        "sim",
        "Sim, pode abrir.",
        "ok",
        "sim sim",
        "Sim, está certo.",
        "isso mesmo",
        "pode abrir",
        "Resolveu! Era isso mesmo",
    ],
)
def test_a_yes_is_heard(text):
    assert answers.yes_or_no(text) is True


@pytest.mark.parametrize(
    "text", ["não", "n", "nao resolveu", "ainda não", "não resolveu, quero abrir mesmo assim", "negativo"]
)
def test_a_no_is_heard(text):
    assert answers.yes_or_no(text) is False


def test_words_weigh_more_than_the_goal_that_was_guessed():
    assert answers.yes_or_no("não resolveu", goal="affirm") is False


def test_the_goal_decides_where_the_words_do_not():
    assert answers.yes_or_no("com toda a força", goal="affirm") is True
    assert answers.yes_or_no("talvez amanhã") is None


@pytest.mark.parametrize("text", ["não sei", "nao sei dizer", "sei lá", "pular", "n sei"])
def test_not_knowing_is_heard(text):
    assert answers.does_not_know(text)


def test_a_plain_no_is_not_not_knowing():
    assert not answers.does_not_know("não")


@pytest.mark.parametrize("text", ["como está o PC-1042?", "pc 1042", "PC1042 já?", "chamado 1042", "1042"])
def test_a_ticket_number_is_found(text):
    assert answers.ticket_number_in(text, "PC") == "PC-1042"


@pytest.mark.parametrize(
    "text", ["são 12 operadores", "às 14h20", "meu telefone é 4002-8922", "pcs novos: 1042 unidades"]
)
def test_other_numbers_are_no_ticket_numbers(text):
    assert answers.ticket_number_in(text, "PC") is None


@pytest.mark.parametrize("text", ["123456", "o código é 123 456", "123-456."])
def test_a_code_is_found(text):
    assert answers.code_in(text) == "123456"


def test_a_longer_number_is_no_code():
    assert answers.code_in("11988887777") is None


def test_an_address_is_found_inside_a_sentence():
    assert answers.email_in("pode mandar pra Ana.Prado@aurora.example, obrigada") == "ana.prado@aurora.example"


@pytest.mark.parametrize(
    ("said", "index"),
    [
        ("1", 0), ("2", 1), (" 3. ", 2), ("opção 2", 1), ("a 2", 1), ("número 3", 2), ("2ª", 1),
        ("a primeira", 0), ("o segundo", 1), ("Terceira opção", 2), ("quero a primeira", 0),
        ("o último", 2), ("a última", 2), ("essa segunda", 1),
    ],
)  # fmt: skip
def test_a_position_points_at_an_option(said, index):
    assert answers.option_by_position(said, 3) == index


@pytest.mark.parametrize(
    "said", ["0", "4", "a quarta", "dois mil", "são 2 pessoas", "na segunda", "segunda-feira", "sim", "", "-1", "2 3"]
)
def test_what_is_no_position_of_an_option_points_at_none(said):
    assert answers.option_by_position(said, 3) is None
