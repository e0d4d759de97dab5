"""What the page says of each part of a set: pure functions from recorded answers to a section."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.errors.cases import Played, Reply, incident
from benchmarks.errors.figures import Confusion, Piece, Reliability, confusion, marked, percent, reliability
from benchmarks.words import word_f1, words
from bot.catalog import WHYS
from bot.sla.matrix import SlaRow
from bot.sla.severity import kind_of

_NO_INCIDENT = "não é incidente"
_NONE = "nenhum"
_LEVELS = ("1", "2", "3", "4", _NO_INCIDENT)
_WHY_NAMES = {"who": "quem", "what": "o quê", "where": "onde", "when": "quando", "why": "por quê"}
_TYPES = {"duvida": "usability_question", "apoio_tecnico": "technical_support", "melhoria": "improvement_request"}
_FIRST = 3
# A goal that cannot bear its own name inside Rasa (domain.yml says why) has its examples under the other one.
_GOAL_FILES = {"restart": "start_over"}


@dataclass(frozen=True)
class Target:
    """Where data would mend an error: a file of the repository and, within it, a key."""

    file: str
    key: str = ""


@dataclass(frozen=True)
class Finding:
    """One wrong answer. `sure` is the confidence it was given with, where there was one."""

    id: str
    text: tuple[Piece, ...]
    wanted: str
    got: str
    target: Target | None = None
    sure: float | None = None
    tag: str = ""
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Findings of one kind, the one to look at first in front; `hint` says how they are ordered or mended."""

    title: str
    hint: str
    findings: list[Finding]

    @property
    def has_spans(self) -> bool:
        """Whether wanted and found are marked in the sentences."""
        return any({"wanted", "found"} & {*piece.marks} for one in self.findings for piece in one.text)


@dataclass(frozen=True)
class Figure:
    """A measure: `part` of `whole` cases, or a mean over `whole` of them where `mean` is given."""

    name: str
    part: float
    whole: int
    mean: bool = False

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def basis(self) -> str:
        return f"média de {self.whole}" if self.mean else f"{self.part:.0f} de {self.whole}"


@dataclass(frozen=True)
class Bar:
    """A share by label, how it is written, and what else is to be known of it."""

    label: str
    share: float
    value: str
    note: str = ""


@dataclass(frozen=True)
class Swap:
    """What was taken for what, how often."""

    wanted: str
    got: str
    count: int


@dataclass(frozen=True)
class Section:
    """Everything the page says of one part of the set; `advice` is how to make it better, files between backquotes."""

    id: str
    title: str
    advice: str
    cases: int
    figures: list[Figure] = field(default_factory=list)
    bars_title: str = ""
    bars: list[Bar] = field(default_factory=list)
    confusion_title: str = ""
    confusion: Confusion | None = None
    swaps_title: str = ""
    swaps: list[Swap] = field(default_factory=list)
    reliability_title: str = ""
    reliability: Reliability | None = None
    groups: list[Group] = field(default_factory=list)


@dataclass(frozen=True)
class Names:
    """What the repository knows of rows and articles: rows by id, an article's file by its title."""

    rows: Mapping[str, SlaRow]
    articles: Mapping[str, str]

    def row(self, id: str | None) -> str:
        """A row as a person knows it."""
        if id is None:
            return _NO_INCIDENT
        row = self.rows.get(id)
        return f"{id} (severidade {row.severity}): {row.in_plain_words}" if row else id


def sections(played: Mapping[str, Sequence[Played]], names: Names) -> list[Section]:
    """In the order of the page; a part without cases has a section without figures."""
    return [build(played.get(part, ()), names) for part, build in _BUILDERS.items()]


def _goals(played: Sequence[Played], names: Names) -> Section:
    pairs = [(one.case["goal"], _goal(one.replies[0])) for one in played]
    table = confusion(pairs)
    wrong = [one for one in played if not _accepted(one)]
    return Section(
        "objetivos",
        "Objetivos",
        "Para cada erro, escreva no arquivo do objetivo esperado, em `nlu_data/goals/`, duas ou três frases novas do "
        "mesmo tipo e, se couber, a frase vizinha no arquivo do objetivo com que foi confundida.",
        len(played),
        figures=[
            Figure("objetivo certo", sum(wanted == got for wanted, got in pairs), len(pairs)),
            Figure("certo ou também aceitável", len(played) - len(wrong), len(played)),
            Figure(
                "acerto médio por objetivo", sum(_recall(table, goal) for goal in table.rows), len(table.rows), True
            ),
        ],
        bars_title="Acerto por objetivo",
        bars=sorted(_recalls(table), key=lambda bar: bar.share),
        confusion_title="Esperado (linhas) e lido (colunas)",
        confusion=table,
        swaps_title="Confusões mais frequentes",
        swaps=_swaps(table),
        reliability_title="Confiança no objetivo e acerto",
        reliability=reliability([(one.replies[0]["confidence"], _accepted(one)) for one in played]),
        groups=[Group("Objetivo errado", "Dos mais seguros aos menos seguros.", _surest(map(_wrong_goal, wrong)))],
    )


def _goal(reply: Reply) -> str:
    return reply["goal"] or _NONE


def _accepted(one: Played) -> bool:
    return _goal(one.replies[0]) in (one.case["goal"], *one.case.get("also", ()))


def goal_file(goal: str) -> Target:
    return Target(f"nlu_data/goals/{_GOAL_FILES.get(goal, goal)}.yml")


def _wrong_goal(one: Played) -> Finding:
    case, reply = one.case, one.replies[0]
    wanted = " ou ".join([case["goal"], *case.get("also", ())])
    text = marked(case["text"])
    return Finding(case["id"], text, wanted, _goal(reply), goal_file(case["goal"]), reply["confidence"])


def _whys(played: Sequence[Played], names: Names) -> Section:
    slots = [_Slot(one, why) for why in WHYS for one in played]
    filled = [slot for slot in slots if slot.wanted]
    empty = [slot for slot in slots if not slot.wanted]
    return Section(
        "porques",
        "Cinco porquês",
        "Escreva em `nlu_data/whys/`, no arquivo do mesmo jeito de escrever, frases novas com o trecho esperado marcado; "
        "para o que foi inventado, frases em que nada se marca, em `near_misses.yml` ou `causes_not_effects.yml`.",
        len(played),
        figures=[
            Figure("F1 por palavra", sum(slot.f1 for slot in filled), len(filled), True),
            Figure("trecho exato", sum(slot.is_exact for slot in filled), len(filled)),
            Figure("vazio que ficou vazio", sum(not slot.found for slot in empty), len(empty)),
        ],
        bars_title="F1 por pergunta",
        bars=[_slot_bar(why, [slot for slot in slots if slot.why == why]) for why in WHYS] if played else [],
        groups=[
            Group("Perdidos", "Há resposta no texto e nada foi lido.", _slot_findings(slots, "perdido")),
            Group("Inventados", "Não há resposta no texto e algo foi lido.", _slot_findings(slots, "inventado")),
            Group(
                "Trecho errado", "Em cada pergunta, do mais distante ao mais próximo.", _slot_findings(slots, "errado")
            ),
        ],
    )


@dataclass(frozen=True)
class _Slot:
    """One of the five whys of one case."""

    played: Played
    why: str

    @property
    def wanted(self) -> str | None:
        return self.played.case[self.why]

    @property
    def found(self) -> str | None:
        return self.played.replies[0][self.why]

    @property
    def f1(self) -> float:
        return word_f1(self.wanted or "", self.found)

    @property
    def is_exact(self) -> bool:
        return words(self.wanted or "") == words(self.found or "")

    @property
    def verdict(self) -> str:
        if self.is_exact:
            return "certo"
        if not self.found:
            return "perdido"
        return "errado" if self.wanted else "inventado"


def _slot_bar(why: str, slots: Sequence[_Slot]) -> Bar:
    filled = [slot for slot in slots if slot.wanted]
    verdicts = [slot.verdict for slot in slots]
    note = (
        f"{len(filled)} com resposta, {len(slots) - len(filled)} sem; {verdicts.count('perdido')} perdidos, "
        f"{verdicts.count('errado')} com trecho errado, {verdicts.count('inventado')} inventados"
    )
    share = _ratio(sum(slot.f1 for slot in filled), len(filled))
    return Bar(f"{_WHY_NAMES[why]} ({why})", share, percent(share), note)


def _slot_findings(slots: Iterable[_Slot], verdict: str) -> list[Finding]:
    wrong = [slot for slot in slots if slot.verdict == verdict]
    return [_slot_finding(slot) for slot in sorted(wrong, key=lambda slot: (WHYS.index(slot.why), slot.f1))]


def _slot_finding(slot: _Slot) -> Finding:
    case = slot.played.case
    return Finding(
        case["id"],
        marked(case["text"], slot.wanted, slot.found),
        _quoted(slot.wanted),
        _quoted(slot.found),
        Target("nlu_data/whys/" + _whys_file(slot), slot.why),
        tag=_WHY_NAMES[slot.why],
        note=f"F1 {slot.f1:.2f}".replace(".", ",") if slot.verdict == "errado" else "",
    )


def _whys_file(slot: _Slot) -> str:
    """Sentences that teach what not to mark have files of their own; the others are filed by the way they are written."""
    if slot.verdict != "inventado":
        return ""
    return "causes_not_effects.yml" if slot.why == "why" else "near_misses.yml"


def _quoted(span: str | None) -> str:
    return f"“{span}”" if span else "nada"


def _severity(played: Sequence[Played], names: Names) -> Section:
    levels = confusion([(_level(one.case), _level(one.replies[0])) for one in played], _LEVELS)
    rows = confusion([(names.row(one.case["row"]), names.row(one.replies[0]["row"])) for one in played])
    wrong = [one for one in played if not _same(one, "severity")]
    total = len(played)
    return Section(
        "severidade",
        "Severidade",
        "Escreva em `company/severity_examples.yml`, na linha esperada, relatos novos com o que a distingue da linha com "
        "que foi confundida: quem é afetado, o que ainda funciona, se há lentidão ou parada.",
        total,
        figures=[
            Figure("severidade certa", total - len(wrong), total),
            Figure("linha certa", sum(_same(one, "row") for one in played), total),
            Figure("a no máximo um nível", sum(_distance(one) <= 1 for one in played), total),
            Figure("perguntou", sum(_has_asked(one) for one in played), total),
            Figure("errada sem perguntar", sum(not _has_asked(one) for one in wrong), total),
        ],
        bars_title="Acerto por severidade",
        bars=[replace(bar, label=f"severidade {bar.label}") for bar in _recalls(levels)],
        confusion_title="Severidade esperada (linhas) e dada (colunas)",
        confusion=levels,
        swaps_title="Linhas mais confundidas",
        swaps=_swaps(rows),
        reliability_title="Probabilidade da linha e acerto da linha",
        reliability=reliability(
            [(one.replies[0]["probability"], _same(one, "row")) for one in played if not _is_refused(one)]
        ),
        groups=_severity_groups(played, names),
    )


def _severity_groups(played: Sequence[Played], names: Names) -> list[Group]:
    """Each wrong case in one group."""
    refused = [one for one in played if _is_refused(one)]
    right = [one for one in played if _same(one, "severity")]
    wrong = [one for one in played if not _same(one, "severity") and not _is_refused(one)]

    def group(title: str, hint: str, cases: Iterable[Played]) -> Group:
        return Group(title, hint, _surest(_wrong_row(one, names) for one in cases))

    return [
        group(
            "Severidade errada sem perguntar",
            "Das mais seguras às menos seguras.",
            (one for one in wrong if not _has_asked(one)),
        ),
        group(
            "Severidade errada, mas perguntou",
            "A resposta do cliente ainda pode corrigir.",
            (one for one in wrong if _has_asked(one)),
        ),
        group("Incidente recusado", "Foi lido como dúvida, apoio técnico ou melhoria.", refused),
        group(
            "Linha errada, severidade certa",
            "Os prazos estão certos; o motivo, não.",
            (one for one in right if not _same(one, "row")),
        ),
        Group(
            "Perguntou sem precisar",
            "A severidade já era a certa; relatos mais nítidos da linha esperada poupam a pergunta.",
            [_row_finding(one, names) for one in right if _has_asked(one)],
        ),
    ]


def _level(fields: Mapping[str, Any]) -> str:
    return str(fields["severity"] or _NO_INCIDENT)


def _same(one: Played, name: str) -> bool:
    return one.case[name] == one.replies[0][name]


def _distance(one: Played) -> int:
    """Between the severities; of what was refused, further than any."""
    got = one.replies[0]["severity"]
    return abs(one.case["severity"] - got) if got else len(_LEVELS)


def _has_asked(one: Played) -> bool:
    return bool(one.replies[0]["question"])


def _is_refused(one: Played) -> bool:
    return not one.replies[0]["applicable"]


def _wrong_row(one: Played, names: Names) -> Finding:
    return _row_finding(one, names, Target("company/severity_examples.yml", one.case["row"]))


def _row_finding(one: Played, names: Names, target: Target | None = None) -> Finding:
    """Without a target for a question beside the right severity: that is no error that needs data."""
    case, reply = one.case, one.replies[0]
    text, wanted, got = marked(incident(case)), names.row(case["row"]), names.row(reply["row"])
    return Finding(case["id"], text, wanted, got, target, reply["probability"], note=_question(reply))


def _question(reply: Reply) -> str:
    """The question with its options, as the customer saw it."""
    question = reply["question"]
    if not question:
        return ""
    options = " / ".join(option["title"] for option in question["options"])
    return f"Perguntou: {question['text']}\nOpções: {options}"


def _ambiguous(played: Sequence[Played], names: Names) -> Section:
    asked = [one for one in played if _has_asked(one)]
    answered = [(one, *pair) for one in played for pair in zip(one.case["answers"], one.replies[1:], strict=True)]
    wrong = [each for each in answered if each[1]["severity"] != each[2]["severity"]]
    return Section(
        "ambiguos",
        "Relatos ambíguos",
        "Para o que não foi perguntado, escreva relatos vagos do mesmo lugar em `company/vague_examples.yml`; para a "
        "resposta mal lida, respostas curtas da mesma espécie em `company/kind_answers.yml`.",
        len(played),
        figures=[
            Figure("perguntou", len(asked), len(played)),
            Figure("severidade certa depois da resposta", len(answered) - len(wrong), len(answered)),
        ],
        groups=[
            Group(
                "Não perguntou",
                "O texto deixa em aberto linhas de severidades diferentes.",
                _surest(_not_asked(one, names) for one in played if not _has_asked(one)),
            ),
            Group(
                "Errada depois da resposta",
                "Da mais segura à menos segura; com ou sem pergunta antes.",
                _surest(_misheard(one, answer, reply, names) for one, answer, reply in wrong),
            ),
        ],
    )


def _not_asked(one: Played, names: Names) -> Finding:
    rows, reply = one.case["candidate_rows"], one.replies[0]
    return Finding(
        one.case["id"],
        marked(one.case["text"]),
        "\n".join(["Uma pergunta que decida entre:", *map(names.row, rows)]),
        names.row(reply["row"]),
        Target("company/vague_examples.yml", _place(rows, names)),
        reply["probability"],
    )


def _place(rows: Iterable[str], names: Names) -> str:
    """The key of vague_examples.yml: the one place that all candidates share."""
    places = {f"{row.product}|{row.module}" for id in rows if (row := names.rows.get(id))}
    return places.pop() if len(places) == 1 else "unknown"


def _misheard(one: Played, answer: Mapping[str, Any], reply: Reply, names: Names) -> Finding:
    row, question = names.rows.get(answer["row"]), _question(one.replies[0]) or "Não perguntou."
    return Finding(
        one.case["id"],
        (Piece(f"{one.case['text']} → "), Piece(answer["answer_text"], ("answer",))),
        names.row(answer["row"]),
        names.row(reply["row"]),
        Target("company/kind_answers.yml", kind_of(row) if row else ""),
        reply["probability"],
        note=question + ("\nPerguntaria de novo." if reply["question"] else ""),
    )


def _not_incident(played: Sequence[Played], names: Names) -> Section:
    table = confusion([(_type(one), one.replies[1]["type"] or _NONE) for one in played], _TYPES.values())
    let_in = [one for one in played if not _is_refused(one)]
    wrong = [one for one in played if one.replies[1]["type"] != _type(one)]
    return Section(
        "nao-incidentes",
        "O que não é incidente",
        "Para o que entrou na matriz, escreva pedidos parecidos em `company/not_incident_examples.yml`, sob o tipo "
        "esperado; para o tipo errado, frases novas no arquivo do tipo, em `nlu_data/goals/`.",
        len(played),
        figures=[
            Figure("fora da matriz", len(played) - len(let_in), len(played)),
            Figure("tipo certo", len(played) - len(wrong), len(played)),
        ],
        bars_title="Acerto por tipo",
        bars=sorted(_recalls(table), key=lambda bar: bar.share),
        confusion_title="Tipo esperado (linhas) e lido (colunas)",
        confusion=table,
        groups=[
            Group(
                "Entrou na matriz",
                "Das linhas mais prováveis às menos prováveis.",
                _surest(_let_in(one, names) for one in let_in),
            ),
            Group("Tipo errado", "Dos mais seguros aos menos seguros.", _surest(map(_wrong_type, wrong))),
        ],
    )


def _type(one: Played) -> str:
    return _TYPES.get(one.case["type"], one.case["type"])


def _let_in(one: Played, names: Names) -> Finding:
    reply, target = one.replies[0], Target("company/not_incident_examples.yml", _type(one))
    text = marked(one.case["text"])
    return Finding(one.case["id"], text, _NO_INCIDENT, names.row(reply["row"]), target, reply["probability"])


def _wrong_type(one: Played) -> Finding:
    reply, wanted = one.replies[1], _type(one)
    note = f"Objetivo lido: {_goal(reply)}" if not reply["type"] else ""
    text, got = marked(one.case["text"]), reply["type"] or _NONE
    return Finding(one.case["id"], text, wanted, got, goal_file(wanted), reply["confidence"], note=note)


def _articles(played: Sequence[Played], names: Names) -> Section:
    known = [one for one in played if one.case["topic"]]
    unknown = [one for one in played if not one.case["topic"]]
    late = [one for one in known if not 1 <= _rank(one) <= _FIRST]
    refused = [one for one in known if not one.replies[0]["answerable"]]
    offered = [one for one in unknown if one.replies[0]["answerable"]]
    return Section(
        "artigos",
        "Artigos",
        "Acrescente ao `questions` do artigo, em `kb_index/articles/`, maneiras novas de perguntar a mesma coisa; para "
        "o artigo oferecido sem motivo, mensagens da mesma espécie em `kb_index/unanswerable.yml`.",
        len(played),
        figures=[
            Figure("em primeiro", sum(_rank(one) == 1 for one in known), len(known)),
            Figure("entre os três primeiros", len(known) - len(late), len(known)),
            Figure("MRR@10", sum(1 / _rank(one) for one in known if _rank(one)), len(known), True),
            Figure("com artigo, oferecido", len(known) - len(refused), len(known)),
            Figure("sem artigo, recusado", len(unknown) - len(offered), len(unknown)),
        ],
        groups=[
            Group(
                "Fora dos três primeiros",
                "Os que ficaram mais longe primeiro.",
                [_late(one, names) for one in sorted(late, key=_rank_or_last, reverse=True)],
            ),
            Group(
                "Recusado sem motivo", "Há artigo e nenhum foi oferecido.", [_refused(one, names) for one in refused]
            ),
            Group(
                "Oferecido sem motivo", "Nenhum artigo responde e um foi oferecido.", [_offered(one) for one in offered]
            ),
        ],
    )


def _rank(one: Played) -> int:
    """Place of the right article, or of one that answers as well, from 1; 0 when it is not among the results."""
    right = {one.case["topic"], *one.case.get("also", ())}
    titles = [result["title"] for result in one.replies[0]["results"]]
    return next((place for place, title in enumerate(titles, 1) if title in right), 0)


def _rank_or_last(one: Played) -> int:
    return _rank(one) or len(one.replies[0]["results"]) + 1


def _late(one: Played, names: Names) -> Finding:
    rank = _rank(one)
    note = f"O esperado veio em {rank}º." if rank else "O esperado não veio entre os dez primeiros."
    return _query(one, one.case["topic"], _first_title(one), _article_file(one, names), note)


def _refused(one: Played, names: Names) -> Finding:
    rank = _rank(one)
    note = f"Na busca, o esperado veio em {rank}º." if rank else ""
    return _query(one, one.case["topic"], "nenhum artigo", _article_file(one, names), note)


def _offered(one: Played) -> Finding:
    return _query(one, "nenhum artigo", _first_title(one), Target("kb_index/unanswerable.yml"))


def _query(one: Played, wanted: str, got: str, target: Target, note: str = "") -> Finding:
    return Finding(one.case["id"], marked(one.case["query"]), wanted, got, target, note=note)


def _first_title(one: Played) -> str:
    return next((result["title"] for result in one.replies[0]["results"]), "nenhum artigo")


def _article_file(one: Played, names: Names) -> Target:
    return Target(names.articles.get(one.case["topic"], "kb_index/articles/"), "questions")


def _recalls(table: Confusion) -> list[Bar]:
    return [
        Bar(label, _recall(table, label), f"{table.count(label, label)} de {table.total(label)}")
        for label in table.rows
    ]


def _recall(table: Confusion, label: str) -> float:
    return table.share(label, label)


def _swaps(table: Confusion) -> list[Swap]:
    return [Swap(*swap) for swap in table.swaps()[:12]]


def _surest(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: -(finding.sure or 0.0))


def _ratio(part: float, whole: int) -> float:
    return part / whole if whole else 0.0


_BUILDERS: dict[str, Callable[[Sequence[Played], Names], Section]] = {
    "intents": _goals,
    "five_w": _whys,
    "severity": _severity,
    "ambiguous": _ambiguous,
    "not_incident": _not_incident,
    "kb_queries": _articles,
}
