"""The dialogues of tests/dialogue over WhatsApp: another road, the same tickets; and how a person is known there."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.dialogue.test_dialogues import DIALOGUES, check_answer, check_ticket, listed, play
from tests.stack import ANA, BRUNO, CARLA, PEOPLE, Person, show
from tests.whatsapp_talk import Line

IN_PIECES = [param.values[0] for param in DIALOGUES if any(turn.get("more") for turn in param.values[0]["turns"])]
FILING = [param.values[0] for param in DIALOGUES if "ticket" in param.values[0] and param.values[0] not in IN_PIECES]
AT_ONCE = 16


def played(line: Line, dialogue: dict[str, Any]) -> list[str]:
    """Plays a dialogue to its end; what differs from the web's."""
    try:
        talk = line.talk(PEOPLE.get(dialogue.get("person", "")))
        for number, turn in enumerate(dialogue["turns"], 1):
            if turn.get("optional") and talk.last["asking"] in listed(turn["asks"]):
                continue
            answer = play(talk, turn)
            if turn.get("more"):
                continue
            check_answer(answer, turn, f"turn {number} {turn}\n{show(answer)}")
        if "ticket" in dialogue:
            assert talk.last["ticket"]["channel"] == "whatsapp"
            check_ticket(talk.last["ticket"], dialogue["ticket"])
    except AssertionError as error:
        return [f"{dialogue['name']}: {error}"]
    return []


def test_the_dialogues_file_the_same_tickets_as_over_the_web(line: Line) -> None:
    assert len(FILING) >= 8
    with ThreadPoolExecutor(AT_ONCE) as pool:
        different = [found for result in pool.map(lambda one: played(line, one), FILING) for found in result]
    assert not different, "\n\n".join(different)
    assert line.graph.refused == [], "a message over Meta's limits"


def test_what_is_written_in_pieces_is_read_as_one_thought_after_a_silence(line: Line) -> None:
    assert len(IN_PIECES) >= 5
    with ThreadPoolExecutor(len(IN_PIECES)) as pool:
        different = [found for result in pool.map(lambda one: played(line, one), IN_PIECES) for found in result]
    assert not different, "\n\n".join(different)


def test_everything_that_was_said_was_sent_once(line: Line) -> None:
    trackers = [taken.tracker for taken in line.graph.taken]
    assert trackers and len(trackers) == len(set(trackers))


def test_somebody_unknown_proves_the_address_with_a_code_before_tickets_are_shown(line: Line) -> None:
    talk = line.talk()
    talk.say("quais são os meus chamados?")
    assert talk.last["asking"] == "email"
    assert talk.say(ANA.email)["asking"] == "code"
    wrong = talk.say("000 000")
    assert wrong["asking"] == "code"
    talk.say(code_for(line, ANA.email))
    assert talk.last["asking"] is None and "código" not in talk.said


def test_a_proven_address_opens_the_tickets_of_its_company_and_of_no_other(line: Line) -> None:
    number = file_for(ANA, line)
    question = f"como está o chamado {number}?"
    for person, sees in ((BRUNO, True), (CARLA, False)):
        talk = line.talk()
        talk.say(question)
        talk.say(person.email)
        proved = talk.say(code_for(line, person.email))
        assert proved["asking"] is None and ("Situação" in talk.said) == sees, talk.said
        talk.say(question)
        assert ("Situação" in talk.said) == sees, talk.said
        talk.say("quais são os chamados da minha equipe?")
        assert (number in talk.said) == sees, talk.said


def file_for(person: Person, line: Line) -> str:
    """A ticket that somebody files by WhatsApp; gives its number."""
    (dialogue,) = [one for one in FILING if one["name"].startswith("the activity desk told in one message")]
    talk = line.talk(person)
    for turn in dialogue["turns"]:
        play(talk, turn)
    return talk.last["ticket"]["number"]


def code_for(line: Line, email: str, seconds: float = 15) -> str:
    """The newest code that was sent to an address."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        paths = sorted((line.stack.home / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime)
        for path in reversed(paths):
            letter = path.read_text()
            if email in letter and (found := re.search(r"\b(\d{6})\b\.", letter)):
                return found[1]
        time.sleep(0.2)
    raise AssertionError("no letter with a code")


def test_a_number_written_without_the_ninth_digit_goes_on_with_the_same_conversation(line: Line) -> None:
    talk = line.talk()
    asked = talk.say("quero abrir um chamado")["asking"]
    other = line.talk()
    other.wa_id = talk.wa_id[:4] + talk.wa_id[5:]
    assert asked == "product" and other.say("omni")["asking"] == "module"


@pytest.mark.parametrize("path", ["/api/conversations/{}/messages", "/api/conversations/{}/events"])
def test_nobody_reads_the_conversation_over_the_web(line: Line, path: str) -> None:
    talk = line.talk()
    talk.say("bom dia")
    assert line.stack.http(ANA).get(path.format(talk.conversation)).status_code == 404
