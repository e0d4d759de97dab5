"""Conversations written as data, played against the whole service: real Rasa, real actions, real stores.

A file of dialogues holds a list of:
  name        the fact that the conversation shows
  person      ana | bruno | carla; left out for a visitor nobody knows
  turns       each `say`, `choose` (a button's title), `send` (a file's name), `blank: true` or `silence: true` (until the
              bot answers what was left alone), and what must follow: asks (the open question, or one of a list), says (all
              of these phrases), never (none of these), articles (some or none), outcome; `more: true` is a fragment, kept
              and not answered; `optional: true` is said only where the question before it was not yet the one it leads to
  ticket      fields of the ticket filed in the last turn: equal for product, module, type, severity (or one of a list),
              contained for the rest; `checks` are results on its timeline; `absent` lists phrases that no field may hold
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.text import plain
from tests.stack import PEOPLE, Stack, Talk, show

FOLDER = Path(__file__).parent
DIALOGUES = [
    pytest.param(dialogue, id=f"{path.stem}: {dialogue['name']}")
    for path in sorted(FOLDER.glob("*.yml"))
    for dialogue in yaml.safe_load(path.read_text("utf-8"))
]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63fccfc0f01f0005050201"
    "5ff8a38a0000000049454e44ae426082"
)
CLOSED = ("product", "module", "type", "severity", "sla_row", "creator", "company")
WORDS = ("subject", "who", "what", "where", "when", "why", "contact")


@pytest.mark.parametrize("dialogue", DIALOGUES)
def test_dialogue(dialogue: dict[str, Any], stack: Stack) -> None:
    talk = stack.talk(PEOPLE.get(dialogue.get("person", "")))
    before: list[str] = []
    for number, turn in enumerate(dialogue["turns"], 1):
        if turn.get("optional") and talk.last["asking"] in listed(turn["asks"]):
            continue
        shown = talk.last
        answer = play(talk, turn)
        where = f"turn {number} {turn}\n{show(answer)}"
        if turn.get("more"):
            assert (answer["pending"], answer["messages"]) == (True, []), f"does not wait: {where}"
            talk.last = shown  # what stands on the screen
            continue
        check_answer(answer, turn, where)
        said = [message["text"] for message in answer["messages"] if message["text"]]
        assert not set(said) & set(before), f"the same text twice in a row: {where}"
        assert talk.last["messages"] or answer["outcome"], f"left unanswered: {where}"
        before = said
    if "ticket" in dialogue:
        assert talk.last["ticket"], f"no ticket: {show(talk.last)}"
        check_ticket(talk.last["ticket"], dialogue["ticket"])


def play(talk: Talk, turn: dict[str, Any]) -> dict[str, Any]:
    if "choose" in turn:
        return talk.choose(turn["choose"])
    if "send" in turn:
        return talk.say(turn.get("say"), attachments=[talk.upload(turn["send"], PNG)])
    if turn.get("silence"):
        return talk.left_alone()
    return talk.say("   " if turn.get("blank") else turn["say"], more=turn.get("more", False))


def listed(wanted: Any) -> list[Any]:
    return wanted if isinstance(wanted, list) else [wanted]


def check_answer(answer: dict[str, Any], turn: dict[str, Any], where: str) -> None:
    text = plain("\n".join(message["text"] or "" for message in answer["messages"]))
    if "asks" in turn:
        assert answer["asking"] in listed(turn["asks"]), f"asks {answer['asking']}: {where}"
    if "articles" in turn:
        shown = any(message["articles"] for message in answer["messages"])
        assert shown == (turn["articles"] == "some"), f"articles: {where}"
    for phrase in turn.get("says", []):
        assert plain(phrase) in text, f"does not say {phrase!r}: {where}"
    for phrase in turn.get("never", []):
        assert plain(phrase) not in text, f"says {phrase!r}: {where}"
    assert answer["outcome"] == turn.get("outcome"), f"outcome {answer['outcome']}: {where}"


def check_ticket(ticket: dict[str, Any], wanted: dict[str, Any]) -> None:
    everything = plain(" ".join(str(ticket[name] or "") for name in WORDS))
    for name, value in wanted.items():
        if name == "absent":
            assert not [phrase for phrase in value if plain(phrase) in everything], show(ticket)
        elif name == "attachments":
            assert [file["name"] for file in ticket["attachments"]] == value, show(ticket)
        elif name in CLOSED:
            assert ticket[name] in listed(value), f"{name}: {show(ticket)}"
        elif name == "articles_shown":
            assert bool(ticket[name]) == (value == "some"), show(ticket)
        elif name == "checks":
            opened = ticket["timeline"][0]["body"]
            assert [check["result"] for check in opened["checks"]] == value, show(ticket)
        else:
            assert all(plain(phrase) in plain(ticket[name] or "") for phrase in listed(value)), (
                f"{name}: {show(ticket)}"
            )
