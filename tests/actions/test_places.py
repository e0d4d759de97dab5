"""A telephone in a sentence: the number with what belongs to it, and nothing of the rest."""

import pytest

from actions.places import contact_in


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("Meu telefone é (41) 3030-1212, ramal 8, sem anexos.", "(41) 3030-1212, ramal 8"),
        ("troca o telefone pelo 11 3777-0001 e põe que são os analistas", "11 3777-0001"),
        ("anotamos no papel, pode me ligar no 62 3241-5500, print eu não tenho", "62 3241-5500"),
        ("81 99654-3321, fala com o Jonas, depois das 14h", "81 99654-3321, fala com o Jonas, depois das 14h"),
        ("Falem comigo pela manhã: (11) 2345-0001", "Falem comigo pela manhã: (11) 2345-0001"),
        ("Sou a Rita, ramal 455, não tenho anexo.", "ramal 455"),
    ],
)
def test_a_number_is_kept_with_what_belongs_to_it(text, contact):
    assert contact_in(text) == {"contact": contact}


def test_a_sentence_without_a_number_gives_no_contact():
    assert contact_in("me liguem depois das 14h") == {}
