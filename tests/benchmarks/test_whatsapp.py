"""What plays dialogues by WhatsApp and by the web, and what calls two tickets different."""

import pytest

from benchmarks.whatsapp.page import keep, section
from benchmarks.whatsapp.roads import FIELDS, Pair
from benchmarks.whatsapp.script import Played, play, read

FILE = {"name": "tela.png", "mime": "image/png", "size": 70}
TICKET = {**dict.fromkeys(FIELDS), "attachments": [FILE], "timeline": [{"body": {"said": "o forno não liga"}}]}


class Talk:
    """Asks what it is told to ask, one field after the other, and then files."""

    def __init__(self, *asks):
        self._asks, self.said, self.last = list(asks), [], {}

    def say(self, words, *, attachments=(), more=False):
        self.said.append((words, *attachments, "…") if more else (words, *attachments))
        if not more:
            asking = self._asks.pop(0) if self._asks else None
            self.last = {
                "asking": asking,
                "outcome": None if asking else "ticket",
                "ticket": None if asking else TICKET,
            }

    def upload(self, name, content, mime):
        return name


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "dialogues.yml"
    path.write_text(
        """
defaults: {answers: {confirm: sim, who: {first: todos, then: eu já disse}}, fallback: não sei}
dialogues:
  - id: D1
    opening: [bom dia, {pause: 6h}, o forno não liga]
    answers: {attachments: {file: tela.png, mime: image/png, caption: a tela}, why: [a loja, parou]}
    interruptions: [{after: where, say: [espere, quanto demora], set: {where: no caixa}}]
"""
    )
    return path


def test_what_is_said_follows_from_what_is_asked(book):
    (script,) = read(book)["D1"]
    talk = Talk("who", "where", "where", "where", "who", "why", "attachments", "when", "confirm")
    played = play(talk, script)
    assert talk.said == [
        ("bom dia",), ("o forno não liga",), ("espere",), ("quanto demora",), ("no caixa",), ("todos",), ("a loja", "…"), ("parou",),
        ("a tela", "tela.png"), ("não sei",), ("sim",),
    ]  # fmt: skip
    assert played.outcome == "ticket" and played.ticket is TICKET


def test_a_question_that_is_asked_without_end_ends_the_dialogue(book):
    (script,) = read(book)["D1"]
    assert play(Talk(*["why"] * 50), script).outcome is None


def test_tickets_that_say_the_same_do_not_differ_whatever_their_numbers(book):
    web, whatsapp = TICKET | {"number": "PC-1"}, TICKET | {"number": "PC-2", "channel": "whatsapp"}
    assert Pair("D1", Played("ticket", web), Played("ticket", whatsapp)).differences == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"who": "todos"}, "who"),
        ({"attachments": [{**FILE, "size": 71}]}, "attachments"),
        ({"timeline": [{"body": {"said": "outro"}}]}, "said"),
    ],
)
def test_a_field_that_differs_is_named(changed, named):
    pair = Pair("D1", Played("ticket", TICKET), Played("ticket", TICKET | changed))
    assert pair.differences == [named]


def test_another_outcome_is_a_difference():
    assert Pair("D1", Played("ticket", TICKET), Played("deflected")).differences == ["outcome"]


def test_a_measurement_replaces_its_own_section_and_no_other():
    page = keep(section("B", "b1"), keep(section("A", "a1"), ""))
    page = keep(section("A", "a2"), page)
    assert "a1" not in page and page.index("a2") < page.index("b1") and page.count("## ") == 2
