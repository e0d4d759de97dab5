"""What a message tells beside the answer asked for, and all that the first one tells."""

from __future__ import annotations

import re
from dataclasses import replace

from actions import fact_words, phrases
from actions.answering import SPAN_IN_AN_ANSWER, stands_alone
from actions.correcting import OPEN_QUESTIONS
from actions.heard import SPAN, SURE, Heard, Span
from actions.places import contact_in, place_in
from actions.slots import Slots, filled
from bot import answers
from bot.catalog import REQUEST_TYPES, WHYS, Catalog
from bot.text import fold, plain

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
        if kind and not phrases.only_wants_a_ticket(text) and not phrases.says_only_a_preamble(text):
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
            found.update(_symptom(heard, slots.get("type")))
            if (
                found.get("symptom")
                and not slots.get("type")
                and heard.goal in REQUEST_TYPES
                and heard.confidence >= SURE
            ):
                found["type"] = heard.goal
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
            told = name != "what" and not slots.get(name) and not _is_no_effect(name, span, heard, asked)
            only_a_module = name == "where" and asked not in OPEN_QUESTIONS and self._catalog.mentions(span.value)
            if told and not only_a_module and span.confidence >= least and stands_alone(text, span):
                found[name] = span.value
        return found

    def _whys_of_opening(self, heard: Heard, kind: str | None) -> Slots:
        """All whys of the first message. One that tells little names them roughly: those are asked for in detail.

        A question or a wish is told by the whole sentence; so is an error whose symptom was not made out.
        """
        if heard.goal in REQUEST_TYPES and not self._names_a_symptom(heard):
            least = _TOLD_AT_LENGTH if kind == "report_error" else 5
            told = "what" if len(heard.words.split()) >= least else "symptom"
            return {**self._other_whys(heard), told: phrases.without_preamble(heard.words)}
        sure = {name: span for name, span in heard.spans.items() if name in WHYS and span.confidence >= SPAN}
        if "what" in sure and _is_no_symptom(sure["what"].value):
            sure.pop("what")
        whys: Slots = {name: span.value for name, span in sure.items()}
        only_a_module = bool("where" in whys and self._catalog.mentions(whys["where"]))
        if len(whys) >= 3:
            return {**whys, **_symptom_in_full(heard.words, sure), **_screen(heard.words, whys, only_a_module)}
        if "what" in sure:
            whys.pop("what")
            whys |= _symptom_or_first_mention(heard.words, sure)
        if only_a_module:
            whys.pop("where")  # "na campanha" only names the module; which one, which screen is still to be told
        return whys

    def _names_a_symptom(self, heard: Heard) -> bool:
        """True also where there is none to be made out of the words: a mere wish, a call, a kind."""
        what, text = heard.spans.get("what"), heard.words
        made_out = what is not None and what.confidence >= SPAN
        only_a_wish = phrases.only_wants_a_ticket(text) or phrases.says_only_a_preamble(text)
        return made_out or only_a_wish or self._only_names_a_kind(text)

    def _only_names_a_kind(self, text: str) -> bool:
        """ "erro", "erro no chat": a kind of request and no problem yet."""
        return len(text.split()) <= 3 and self._catalog.type_named(text) is not None

    def _other_whys(self, heard: Heard) -> Slots:
        """Whys of a message whose symptom was not made out. One that is nearly all of it is the symptom, misread."""
        most = len(phrases.without_preamble(heard.words).split()) * 0.7
        return {
            name: span.value
            for name, span in heard.spans.items()
            if name in WHYS and span.confidence >= SPAN and len(span.value.split()) < most
        }


# Whoever writes so many words of an error has told it, whatever was made out.
_TOLD_AT_LENGTH = 15
# A symptom of fewer words is asked for in detail, where the rest tells little, too.
_BRIEF = 9
# The same of one sentence with a symptom in it: what came of it, and in doing what, stands around the symptom.
_TOLD_IN_A_SENTENCE = 12


def _is_no_symptom(words: str) -> bool:
    """ "preciso registrar um erro" is a wish, "tem um erro" no more than a kind."""
    return phrases.wants_a_ticket(words) or phrases.names_no_symptom(words)


def _symptom_in_full(text: str, sure: dict[str, Span]) -> Slots:
    """The symptom with all that belongs to it; empty where none was made out."""
    if "what" not in sure:
        return {}
    whole = {**sure, "what": _to_the_end_of_its_clause(text, sure)}
    return {"what": _with_quotes(text, _with_what_is_shown(text, whole) or _with_nobody(text, whole), whole)}


def _symptom_or_first_mention(text: str, sure: dict[str, Span]) -> Slots:
    """`what` where it is told at length or with what the screen shows, else `symptom`, to be asked for in detail."""
    whole = {**sure, "what": _to_the_end_of_its_clause(text, sure)}
    told = _symptom_in_full(text, sure)
    # When something happens is often half of what happens ("fica branca quando abro o chat").
    words = sum(len(sure[name].value.split()) for name in ("what", "when") if name in sure)
    if words >= _BRIEF or _with_what_is_shown(text, whole):
        return told
    sentence = _sentence_of(text, whole["what"])
    if len(sentence.split()) >= _TOLD_IN_A_SENTENCE:
        return {"what": _with_quotes(text, sentence, whole)}
    return {"symptom": told["what"]}


def _screen(text: str, whys: Slots, only_a_module: bool) -> Slots:
    """A screen named beside a place that only names the module."""
    screen = fact_words.screen_in(text) if only_a_module else None
    return {"where": screen} if screen and plain(screen) not in plain(whys["where"]) else {}


def _sentence_of(text: str, span: Span) -> str:
    """The sentence in which a span stands, without a greeting before it."""
    first = max(text.rfind(mark, 0, span.start) for mark in ".!?\n") + 1
    ends = [at for at in (text.find(mark, span.end) for mark in (". ", "! ", "? ", "\n")) if at >= 0]
    return phrases.without_preamble(text[first : min(ends, default=len(text))].strip(" .!")) or span.value


def files_of(heard: Heard, slots: Slots) -> Slots:
    if not heard.files:
        return {}
    known = list(slots.get("files") or [])
    return {"files": known + [id for id in heard.files if id not in known], "attachments": "given"}


def _gaps(text: str, told: Slots) -> Slots:
    """Whys that were not made out although plain words tell them: place and effect only of a message that tells the rest."""
    surely = {"who": fact_words.who_in, "when": fact_words.when_in}
    found: Slots = {name: read(text) for name, read in surely.items() if not told.get(name)}
    if sum(bool({**told, **found}.get(why)) for why in WHYS) >= 3:
        found |= {name: read(text) for name, read in _PLAINLY.items() if not told.get(name)}
    return found


_PLAINLY = {"where": fact_words.where_in, "why": fact_words.effect_in}


def _is_no_effect(name: str, span: Span, heard: Heard, asked: str | None) -> bool:
    """ "queremos a função nova", "fica girando até cair": the wish or the symptom itself, no effect of it."""
    is_matter = asked == "what" or (heard.goal in REQUEST_TYPES and "what" not in heard.spans)
    return name == "why" and is_matter and fact_words.effect_in(span.value) is None


def _symptom(heard: Heard, kind: str | None) -> Slots:
    """A problem told where something else was asked, as far as it goes. One of another kind only describes the answer."""
    if kind and heard.goal in REQUEST_TYPES and heard.goal != kind and not heard.words.strip().endswith("?"):
        return {}
    what = heard.spans.get("what")
    if what and phrases.names_no_symptom(what.value):
        return {}
    if what and what.confidence >= _SPAN_BESIDE and not phrases.wants_a_ticket(what.value):
        return {"symptom": what.value}
    told = heard.goal in REQUEST_TYPES and heard.confidence >= SURE and len(heard.words.split()) >= 5
    return {"symptom": heard.words.strip()} if told and not phrases.only_wants_a_ticket(heard.words) else {}


_CLAUSE_END = re.compile(r"[,;!?\n]|\.(?=\s|$)|\s(?:e|mas|porque|pq|entao|que|q)\s|\s[-–—]\s|[()]|$")


# What stands before the next why is not the last word of this one: "está lento para | a supervisão".
_LEADS_ON = re.compile(r"(?:\s*\b(?:para|pra|p|em|n[ao]s?|d[aeo]s?|com|ao?s?|os?))*\s*$")


def _to_the_end_of_its_clause(text: str, spans: dict[str, Span]) -> Span:
    """The symptom with the words that nothing else claims: "aparece <b>ORA-01756</b>" is not cut at a bracket."""
    what = spans["what"]
    stop = _CLAUSE_END.search(fold(text), what.end)
    others = [span.start for span in spans.values() if span.start >= what.end]
    end = min([stop.start() if stop else len(text), *others])
    leads_on = _LEADS_ON.search(fold(text[what.end : end]))
    return replace(what, value=text[what.start : what.end + leads_on.start() if leads_on else end].rstrip())


_NOBODY = re.compile(r"^(?:ninguem|ngm|nenhum|nenhuma|nem)\b")


def _with_nobody(text: str, spans: dict[str, Span]) -> str:
    """The symptom; "ninguém" before it belongs to it too, or "consegue entrar" would say the opposite."""
    who, what = spans.get("who"), spans["what"]
    if who and _NOBODY.match(plain(who.value)) and who.end <= what.start <= who.end + 2:
        return text[who.start : what.end]
    return what.value


# How a message goes on to what the screen then shows.
_SHOWS = re.compile(
    r"^\s*(?:,|e|mas|;|-)\s*(?:(?:dá|da(?=\s+(?:erro|falha|mensag|timeout|acesso|senha|tela))|deu|dando|aparece|apareceu|aparecendo|retorna|retornou|mostra|vem|fica|ficou|volta|diz|fala)\b[^,.;!?\n]*)",
    re.I,
)


def _with_what_is_shown(text: str, spans: dict[str, Span]) -> str | None:
    """ "não consegue trocar a senha, dá senha inválida": the symptom with what comes of it; None where nothing does."""
    what = spans["what"]
    told = what.end
    for span in sorted(spans.values(), key=lambda span: span.start):
        if told <= span.start <= told + 2:  # "… no administrador, dá …"
            told = span.end
    match = _SHOWS.match(text[told:])
    if match is None or any(told < span.end and span.start < told + match.end() for span in spans.values()):
        return None
    return f"{what.value}{match.group().rstrip()}"


_QUOTED = re.compile(r"[\"“](?:[^\"“”\n]{3,120})[\"”]|(?<!\w)['‘](?:[^'‘’\n]{3,120})['’](?!\w)|(?:https?://\S+\w)")


def _with_quotes(text: str, what: str, spans: dict[str, Span]) -> str:
    """The symptom and what is to be copied letter by letter, a message on the screen or an address on the web."""
    shown = [
        m.group().strip("\"“”'‘’")
        for m in _QUOTED.finditer(text)
        if not any(s.start <= m.start() and m.end() <= s.end for s in spans.values())
    ]
    return what + "".join(f' ("{words}")' for words in shown if words not in what)


def _no_files(text: str) -> Slots:
    return {"attachments": "none"} if phrases.says_no_files(text) else {}
