"""What a message tells beside the answer asked for, and all that the first one tells."""

from __future__ import annotations

import re

from actions import phrases
from actions.answering import SPAN_IN_AN_ANSWER
from actions.correcting import OPEN_QUESTIONS
from actions.heard import SPAN, SURE, Heard, Span
from actions.places import contact_in, place_in
from actions.slots import Slots, filled
from bot import answers
from bot.catalog import REQUEST_TYPES, WHYS, Catalog
from bot.text import plain

_SPAN_BESIDE = 0.85


class Facts:
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def of_opening(self, heard: Heard) -> Slots:
        """What the message that starts an intake already tells."""
        text = heard.words
        told: Slots = {"attempts": 0}
        kind = heard.goal if heard.goal in REQUEST_TYPES else self._catalog.type_named(text)
        if heard.command in REQUEST_TYPES:
            kind = heard.command
        told.update(place_in(self._catalog, text), type=kind, **contact_in(text))
        told.update(self._whys_of_opening(heard, kind), **_no_files(text), email=answers.email_in(text))
        told.update(_gaps(text, told))
        if kind and not phrases.only_wants_a_ticket(text):
            told["opening"] = text
        return filled({**told, **files_of(heard, {})})

    def beside(self, heard: Heard, slots: Slots) -> Slots:
        """Facts beside the answer, for fields that are still empty. A title is not searched for whys."""
        text = heard.words
        found: Slots = {}
        if not slots.get("product"):
            found.update(place_in(self._catalog, text))
        elif not slots.get("module"):
            found.update({k: v for k, v in place_in(self._catalog, text, slots["product"]).items() if k == "module"})
        asked = slots.get("requested_slot")
        if asked != "subject":
            found.update(self._whys_beside(heard, slots))
        if asked in ("product", "module", "type") and not (slots.get("symptom") or slots.get("what")):
            found.update(_symptom(heard))
        if not slots.get("contact"):
            found.update(contact_in(text))
        if not slots.get("email"):
            found["email"] = answers.email_in(text)
        if not slots.get("attachments"):
            found.update(_no_files(text))
        return filled(found)

    def _whys_beside(self, heard: Heard, slots: Slots) -> Slots:
        """Whys told beside the answer. In an answer of free words only what surely is none of its own."""
        text, asked = heard.words, slots.get("requested_slot")
        least = SPAN_IN_AN_ANSWER if asked in OPEN_QUESTIONS else _SPAN_BESIDE
        found: Slots = {}
        for name, span in heard.spans.items():
            told = name != "what" and not slots.get(name)
            only_a_module = name == "where" and asked not in OPEN_QUESTIONS and self._catalog.mentions(span.value)
            if told and not only_a_module and span.confidence >= least and _stands_alone(text, span):
                found[name] = span.value
        return found

    def _whys_of_opening(self, heard: Heard, kind: str | None) -> Slots:
        """All whys of the first message. One that tells little names them roughly: those are asked for in detail.

        A question or a wish is told by the whole sentence; so is an error whose symptom was not made out.
        """
        what = heard.spans.get("what")
        made_out = what is not None and what.confidence >= SPAN
        if heard.goal in REQUEST_TYPES and not made_out and not phrases.only_wants_a_ticket(heard.words):
            told = "what" if kind != "report_error" and len(heard.words.split()) >= 5 else "symptom"
            return {**self._other_whys(heard), told: heard.words.strip()}
        sure = {name: span for name, span in heard.spans.items() if name in WHYS and span.confidence >= SPAN}
        whys: Slots = {name: span.value for name, span in sure.items()}
        if "what" in whys and phrases.wants_a_ticket(whys["what"]):
            whys.pop("what")  # "preciso registrar um erro" is a wish, no symptom
        if "what" in whys:
            whys["what"] = _with_quotes(heard.words, _with_nobody(heard.words, sure), sure)
        if len(whys) >= 3:
            return whys
        if "what" in whys and len(whys["what"].split()) < 9:
            whys["symptom"] = whys.pop("what")
        if "where" in whys and self._catalog.mentions(whys["where"]):
            whys.pop("where")  # "na campanha" only names the module; which one, which screen is still to be told
        return whys

    def _other_whys(self, heard: Heard) -> Slots:
        return {name: s.value for name, s in heard.spans.items() if name in WHYS and s.confidence >= SPAN}


def files_of(heard: Heard, slots: Slots) -> Slots:
    if not heard.files:
        return {}
    known = list(slots.get("files") or [])
    return {"files": known + [id for id in heard.files if id not in known], "attachments": "given"}


def _gaps(text: str, told: Slots) -> Slots:
    """Whys that were not made out although plain words tell them; place and effect only of a message that tells the rest."""
    found: Slots = {"who": phrases.who_in(text)} if not told.get("who") else {}
    if sum(bool({**told, **found}.get(why)) for why in WHYS) >= 3:
        found |= {name: read(text) for name, read in _PLAINLY.items() if not told.get(name)}
    return found


_PLAINLY = {"where": phrases.where_in, "why": phrases.effect_in}


def _symptom(heard: Heard) -> Slots:
    """A problem told where something else was asked, as far as it goes."""
    what = heard.spans.get("what")
    if what and what.confidence >= _SPAN_BESIDE and not phrases.wants_a_ticket(what.value):
        return {"symptom": what.value}
    told = heard.goal in REQUEST_TYPES and heard.confidence >= SURE and len(heard.words.split()) >= 5
    return {"symptom": heard.words.strip()} if told and not phrases.only_wants_a_ticket(heard.words) else {}


_NOBODY = re.compile(r"^(?:ninguem|ngm|nenhum|nenhuma|nem)\b")


def _with_nobody(text: str, spans: dict[str, Span]) -> str:
    """The symptom; "ninguém" before it belongs to it too, or "consegue entrar" would say the opposite."""
    who, what = spans.get("who"), spans["what"]
    if who and _NOBODY.match(plain(who.value)) and who.end <= what.start <= who.end + 2:
        return text[who.start : what.end]
    return what.value


_QUOTED = re.compile(r"[\"“](?P<words>[^\"“”\n]{3,120})[\"”]")


def _with_quotes(text: str, what: str, spans: dict[str, Span]) -> str:
    """The symptom and the message that the screen shows, which often stands outside of its words."""
    shown = [
        m for m in _QUOTED.finditer(text) if not any(s.start <= m.start() and m.end() <= s.end for s in spans.values())
    ]
    return what + "".join(f' ("{match["words"]}")' for match in shown)


def _stands_alone(text: str, span: Span) -> bool:
    """True for a clause of its own: "os operadores, desde ontem". In "quem compra no site" the place is part of who."""
    before, after = text[: span.start].rstrip(" \t"), text[span.end :].lstrip(" \t")
    opens = not before.strip() or before[-1] == "\n" or before[-1] in ",;.:!?-—(" or before.endswith(" e")
    closes = not after.strip() or after[0] == "\n" or after[0] in ",;.:!?-—)" or after.startswith("e ")
    return opens and closes


def _no_files(text: str) -> Slots:
    return {"attachments": "none"} if phrases.says_no_files(text) else {}
