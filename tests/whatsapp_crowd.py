"""Many people who write by WhatsApp while the processes behind the webhook are killed, and what must hold in the end.

Each person opens an intake in two pieces, answers what is asked until the ticket is filed, and writes on until their
share of messages is sent. Nobody waits for long: now and then a person writes before the answer has come.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.graph_api import text
from tests.whatsapp_talk import Line, WhatsAppTalk

_PATIENCE_SECONDS = 600.0
PARTS = ("gateway", "rasa", "actions", "deliver", "redis")
_OPENING = (
    "Bom dia, o chat do Omni não envia mensagens desde hoje às 8h10",
    "toda a equipe de vendas está parada na tela de atendimento, e os clientes ficam sem resposta",
)
_ANSWERS = {
    "product": "omni", "module": "chat", "type": "erro", "subject": "o chat não envia mensagens",
    "article": "não resolveu, vamos em frente", "what": "ao clicar em enviar aparece 'falha ao entregar'",
    "who": "a equipe de vendas inteira", "where": "na tela de atendimento", "when": "desde hoje às 8h10",
    "why": "os clientes ficam sem resposta", "impact": "não sei dizer", "attachments": "não tenho anexos",
    "confirm": "sim, pode abrir", "correction": "está certo", "resume": "continuar", "cancel_confirm": "não, continuar",
    "restart_confirm": "não, continuar", "code": "cancelar",
}  # fmt: skip
_AFTERWARDS = ("obrigado", "como está o meu chamado?", "qual é o prazo?", "valeu", "bom dia", "entendi")


@dataclass
class Member:
    """One person of the crowd: what they wrote, in order, and whether their ticket was announced."""

    number: int
    talk: WhatsAppTalk
    wamids: list[str] = field(default_factory=list)
    has_ticket: bool = False

    @property
    def contact(self) -> str:
        return f"(11) 4{self.number:03d}-7788"

    def write(self, words: str) -> None:
        self.wamids.append(self.talk.post(text(words)))

    def reply(self, asking: str | None, chance: random.Random) -> str:
        if asking == "contact":
            return self.contact
        if asking == "email":
            return f"pessoa{self.number}@crowd.example"
        if asking in _ANSWERS:
            return _ANSWERS[asking]
        return chance.choice(_AFTERWARDS) if self.has_ticket else "quero abrir um chamado de erro do chat do omni"


@dataclass
class Crowd:
    """`seed` makes the same crowd and the same kills again; the machine decides the rest."""

    line: Line
    people: int
    messages: int
    seed: int
    kills: Counter[str] = field(default_factory=Counter)

    def run(self, kill_every: float, kills: int, at_once: int) -> list[Member]:
        """Everybody writes everything while parts are killed; then nothing is killed any more."""
        share = self.messages // self.people
        self.line.graph.doubles_every = 7
        members = [Member(number, self.line.talk()) for number in range(1, self.people + 1)]
        done = threading.Event()
        killer = threading.Thread(target=self._kill, args=(done, kill_every, kills))
        killer.start()
        try:
            with ThreadPoolExecutor(at_once) as pool:
                list(pool.map(lambda member: self._live(member, share), members))
        finally:
            done.set()
            killer.join()
        return members

    def _live(self, member: Member, share: int) -> None:
        chance = random.Random(self.seed * 1_000 + member.number)
        for words in _OPENING:
            member.write(words)
        while len(member.wamids) < share or (not member.has_ticket and len(member.wamids) < 2 * share):
            answer = member.talk.answer_to(member.wamids[-1], _PATIENCE_SECONDS, every=0.3)
            member.has_ticket = member.has_ticket or answer["outcome"] == "ticket"
            member.write(member.reply(answer["asking"], chance))
            if member.has_ticket and len(member.wamids) < share and chance.random() < 0.3:
                member.write(chance.choice(_AFTERWARDS))
        member.talk.answer_to(member.wamids[-1], _PATIENCE_SECONDS, every=0.3)

    def _kill(self, done: threading.Event, every: float, kills: int) -> None:
        """Every part in turn, in an order that chance makes anew each time round."""
        chance, waiting = random.Random(self.seed), list[str]()
        while sum(self.kills.values()) < kills and not done.wait(chance.uniform(0.5, 1.5) * every):
            waiting = waiting or chance.sample(PARTS, len(PARTS))
            try:
                self.line.stack.kill(waiting[-1])
            except (AssertionError, ProcessLookupError):  # it is down already
                continue
            self.kills[waiting.pop()] += 1


def settled(line: Line, seconds: float) -> bool:
    """True once nothing waits: no update, no message, no bubble."""
    end = time.monotonic() + seconds
    queries = (
        "SELECT count(*) FROM whatsapp_envelopes WHERE split_at IS NULL",
        "SELECT count(*) FROM whatsapp_updates WHERE handled_at IS NULL AND failed_at IS NULL",
        "SELECT count(*) FROM inbound WHERE answered_at IS NULL",
        "SELECT count(*) FROM outbox WHERE kind = 'whatsapp' AND sent_at IS NULL AND failed_at IS NULL",
    )
    while time.monotonic() < end:
        if not any(line.query(query)[0][0] for query in queries):
            return True
        time.sleep(0.5)
    return False


def violations(line: Line, members: list[Member]) -> list[str]:
    """Everything that does not hold once the dust has settled; empty is what we want."""
    found = []
    for member in members:
        found += [f"person {member.number}: {problem}" for problem in _of_member(line, member)]
    trackers = Counter(taken.tracker for taken in line.graph.taken)
    found += [f"sent {times} times: {tracker}" for tracker, times in trackers.items() if times > 1]
    found += [f"refused: {wrong}" for _, wrong, _ in line.graph.refused]
    failed = line.query("SELECT error FROM whatsapp_updates WHERE failed_at IS NOT NULL")
    return found + [f"update failed: {row[0]}" for row in failed]


def _of_member(line: Line, member: Member) -> list[str]:
    kept = line.query(
        "SELECT client_id, turn_id, answer FROM inbound WHERE conversation_id = ? ORDER BY id", member.talk.conversation
    )
    found = []
    if [row[0] for row in kept] != member.wamids:
        found.append("messages are lost, doubled or out of order")
    turns = [row[1] for row in kept]
    if None in turns or turns != sorted(turns):
        found.append(f"turns out of order or not answered: {turns}")
    found += ["an answer without words" for row in kept if not json.loads(row[2] or "{}").get("messages")]
    contacts = line.query("SELECT contact FROM tickets WHERE conversation_id = ?", member.talk.conversation)
    if [row[0] for row in contacts] != [member.contact]:
        found.append(f"tickets: {contacts}, after {_heard(line, member)}")
    said = line.query("SELECT id FROM outbound WHERE conversation_id = ? ORDER BY id", member.talk.conversation)
    heard = [int(taken.tracker.partition("#")[0].partition(":")[2]) for taken in line.graph.to(member.talk.wa_id)]
    if list(dict.fromkeys(heard)) != [row[0] for row in said]:
        found.append("bubbles are missing or arrived out of order")
    return found


def _heard(line: Line, member: Member) -> list[str]:
    """The last words on both sides, for who reads a failure."""
    mine = line.query("SELECT text FROM inbound WHERE conversation_id = ? ORDER BY id", member.talk.conversation)
    return [str(row[0])[:60] for row in mine] + [taken.text[:80] for taken in line.graph.to(member.talk.wa_id)]
