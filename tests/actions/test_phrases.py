import pytest

from actions import phrases


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
