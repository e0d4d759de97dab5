"""`python -m scripts.states` draws docs/states.md: the states of the dialogue, from domain.yml and nlu_data/rules.yml.

Questions, their order and their wording come from the domain, what follows an intent from the rules. Only what neither
of them says stands here: when a question is asked at all (actions/intake.py), and the intents in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "states.md"

CONDITIONS = {
    "module": "se o produto tem mais de um módulo",
    "subject": "se o problema ainda não foi contado",
    "article": "se há artigo ou verificação para o problema; com severidade 1 provável, só depois de abrir",
    "who": "se o tipo de pedido precisa",
    "where": "se o tipo de pedido precisa",
    "when": "se o tipo de pedido precisa",
    "why": "se o tipo de pedido precisa",
    "impact": "se a severidade está em aberto",
    "email": "se a pessoa não está identificada",
}
# An outcome and the question whose yes leads to it; a human is reached from everywhere.
OUTCOMES = {
    "ticket": ("confirm", "Chamado aberto"),
    "deflected": ("article", "Resolvido por um artigo"),
    "cancelled": ("cancel_confirm", "Cancelado, nada registrado"),
    "restarted": ("restart_confirm", "Recomeça com o rascunho vazio"),
    "handoff": (None, "Uma pessoa assume, com o que já foi contado"),
}
INTENTS = {
    "open_ticket": "quer abrir um chamado",
    "report_error": "conta um erro",
    "usability_question": "tem uma dúvida",
    "technical_support": "pede apoio técnico",
    "improvement_request": "pede uma melhoria",
    "track_ticket": "pergunta por um chamado",
    "list_tickets": "pede a lista de chamados",
    "sla_question": "pergunta pelos prazos",
    "bot_challenge": "pergunta quem responde",
    "greet": "cumprimenta",
    "thanks": "agradece",
    "goodbye": "se despede",
    "abuse": "xinga",
    "out_of_scope": "fala de outro assunto",
    "talk_to_human": "quer uma pessoa",
    "cancel": "quer cancelar",
    "start_over": "quer recomeçar",
    "affirm": "diz sim",
    "deny": "diz não",
    "add_information": "acrescenta um fato",
    "correct_field": "corrige um fato",
    "send_attachment": "envia um arquivo",
    "add_to_ticket": "escolhe o chamado a que um fato pertence",
    "say_nothing": "não escreve nada",
    "nlu_fallback": "não é entendida",
}
_INTAKE, _IDENTITY = "ticket_form", "identity_form"


class Dialogue:
    """domain.yml and rules.yml, as far as they say what follows what."""

    def __init__(self, domain: dict[str, Any], rules: list[dict[str, Any]]) -> None:
        self._responses, self._forms, self._rules = domain["responses"], domain["forms"], rules

    @classmethod
    def load(cls) -> Dialogue:
        domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
        return cls(domain, yaml.safe_load((ROOT / "nlu_data" / "rules.yml").read_text("utf-8"))["rules"])

    def questions(self, form: str) -> list[str]:
        return self._forms[form]["required_slots"]

    def wording(self, form: str, field: str) -> str:
        """How a field is first asked for; "…" stands for what is filled in."""
        response = self._responses.get(f"utter_ask_{form}_{field}") or self._responses[f"utter_ask_{field}"]
        first_lines = [re.sub(r"{\w+}", "…", variant["text"].splitlines()[0]) for variant in response]
        return next(line for line in first_lines if line != "…")

    def buttons(self, field: str) -> dict[str, str]:
        """Titles of the fixed buttons under a question, by what they stand for: "yes", "no", "/cancel"."""
        buttons = self._responses[f"utter_ask_{field}"][0].get("buttons", ())
        return {self._meaning(button["payload"]): button["title"] for button in buttons}

    def answered(self, form: str | None) -> dict[str, list[str]]:
        """What a rule has the bot do about each intent in a form, or outside of all."""
        answered = {}
        for rule in self._rules:
            if rule["condition"] == [{"active_loop": form}]:
                actions = [step["action"] for step in rule["steps"] if "action" in step]
                answered |= dict.fromkeys(_intents(rule["steps"][0]), actions)
        return answered

    def outcomes(self) -> list[str]:
        """How an intake may end."""
        steps = [step for rule in self._rules for step in rule["steps"]]
        found = [step["slot_was_set"][0].get("outcome") for step in steps if "slot_was_set" in step]
        return list(dict.fromkeys(outcome for outcome in found if outcome))

    @staticmethod
    def _meaning(payload: str) -> str:
        chosen = re.search(r'"value": "(.+?)"', payload)
        return chosen.group(1) if chosen else payload


def page(dialogue: Dialogue) -> str:
    """docs/states.md. Raises KeyError for an intent or outcome that has no words here."""
    return f"""# Os estados da conversa

Gerado por `python -m scripts.states` a partir de `domain.yml` e `nlu_data/rules.yml`; não edite à mão.
As caixas são perguntas, com o nome do campo como em `asking`; as ovais são o começo e os fins.

## O caminho todo

{_flowchart("LR", _course(dialogue))}

## As perguntas de um chamado

Nenhuma é feita se o campo já foi dito, em que mensagem for: depois de cada mensagem vem a primeira que falta.

{_flowchart("TD", _questions(dialogue))}

## Digressões no meio de um chamado

O bot responde e repete a pergunta aberta; o rascunho fica como estava.

{_table(dialogue.answered(_INTAKE))}

## Sem chamado em andamento

{_table(dialogue.answered(None))}
"""


def _flowchart(direction: str, lines: Iterator[str]) -> str:
    return "\n".join(["```mermaid", f"flowchart {direction}", *(f"    {line}" for line in lines), "```"])


def _course(dialogue: Dialogue) -> Iterator[str]:
    """Everything around the questions, which are one box here."""
    starts = [intent for intent, actions in dialogue.answered(None).items() if actions == [_INTAKE]]
    yield 'start(["Sem chamado em andamento"])'
    yield f'intake[["Chamado em andamento: pergunta o que falta<br/><i>{_INTAKE}</i>"]]'
    yield f'start -->|"{", ".join(INTENTS[intent] for intent in starts)}"| intake'
    yield 'intake -->|"digressão: responde e repete a pergunta"| intake'
    yield from _interruptions(dialogue)
    yield from _ends(dialogue)
    yield from _identity(dialogue)


def _interruptions(dialogue: Dialogue) -> Iterator[str]:
    """Questions that are asked only after something else than an answer, each with the way back."""
    yield _node(dialogue, _INTAKE, "resume")
    yield 'intake <-->|"volta a escrever depois de uma longa pausa"| resume'
    yield _node(dialogue, _INTAKE, "correction")
    yield f'intake <-->|"{dialogue.buttons("confirm")["no"]}; o campo escolhido é perguntado de novo"| correction'
    for field, intent in (("cancel_confirm", "cancel"), ("restart_confirm", "start_over")):
        yield _node(dialogue, _INTAKE, field)
        yield f'intake <-->|"{INTENTS[intent]}; volta com: {dialogue.buttons(field)["no"]}"| {field}'


def _ends(dialogue: Dialogue) -> Iterator[str]:
    asked_in_order = _in_order(dialogue)
    for outcome in dialogue.outcomes():
        question, title = OUTCOMES[outcome]
        source = "intake" if question is None or question in asked_in_order else question
        said = dialogue.buttons(question)["yes"] if question else INTENTS["talk_to_human"]
        yield f'{outcome}(["{title}<br/><i>{outcome}</i>"])'
        yield f'{source} -->|"{said}"| {outcome}'
    yield f'start -->|"{INTENTS["talk_to_human"]}"| handoff'
    yield "restarted --> start"


def _identity(dialogue: Dialogue) -> Iterator[str]:
    yield from _chain(dialogue, _IDENTITY, dialogue.questions(_IDENTITY))
    first, last = (dialogue.questions(_IDENTITY)[place] for place in (0, -1))
    yield f'start -->|"{INTENTS["track_ticket"]}, sem estar identificada"| {first}'
    yield f'{last} -->|"código certo: vê o chamado"| start'


def _questions(dialogue: Dialogue) -> Iterator[str]:
    yield from _chain(dialogue, _INTAKE, _in_order(dialogue))
    for outcome, (question, title) in OUTCOMES.items():
        if question in _in_order(dialogue):
            yield f'{question} -->|"{dialogue.buttons(question)["yes"]}"| {outcome}(["{title}<br/><i>{outcome}</i>"])'


def _in_order(dialogue: Dialogue) -> list[str]:
    """The questions that a draft goes through; those after the confirmation interrupt it."""
    questions = dialogue.questions(_INTAKE)
    return questions[: questions.index("confirm") + 1]


def _chain(dialogue: Dialogue, form: str, fields: list[str]) -> Iterator[str]:
    yield from (_node(dialogue, form, field) for field in fields)
    yield " --> ".join(fields)


def _node(dialogue: Dialogue, form: str, field: str) -> str:
    wording = dialogue.wording(form, field).replace('"', "'")  # a quotation mark would end the label
    condition = f"<br/>({CONDITIONS[field]})" if form == _INTAKE and field in CONDITIONS else ""
    return f'{field}["{wording}<br/><i>{field}</i>{condition}"]'


def _table(answered: dict[str, list[str]]) -> str:
    rows = [f"| {INTENTS[intent]} | `{intent}` | `{actions[0]}` |" for intent, actions in answered.items()]
    return "\n".join(["| a pessoa | intenção | o bot |", "|---|---|---|", *rows])


def _intents(step: dict[str, Any]) -> list[str]:
    return [one["intent"] for one in step.get("or", [step]) if "intent" in one]


if __name__ == "__main__":
    PAGE.write_text(page(Dialogue.load()), "utf-8")
