"""The figures as lines for the terminal and as results.md, and one file for each violation."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from statistics import median

from benchmarks.conversations.paths import Course
from benchmarks.conversations.walk import Findings
from benchmarks.conversations.watch import MEASURES, Violation

_KINDS = {"all_in_one": "tudo numa mensagem", "step_by_step": "passo a passo"}
_MOST = 25


def lines(findings: Findings, courses: list[Course]) -> list[str]:
    """One line per measure."""
    found = Counter(violation.measure for violation in findings.violations)
    walked = [f"{title}: {found[name]} em {findings.turns} turnos" for name, title in MEASURES.items()]
    said = sum(len(course.asked_although_said) for course in courses)
    turns = [f"turnos por chamado, {title}: mediana {_median(courses, kind)}" for kind, title in _KINDS.items()]
    return [*walked, *turns, f"perguntado embora dito, nos {len(courses)} caminhos: {said}"]


def page(findings: Findings, courses: list[Course], provenance: str, conditions: str) -> str:
    """results.md."""
    parts = [
        f"# Conversas\n\n{provenance}. {conditions}",
        "Feito por `python -m benchmarks.conversations` contra o serviço no ar: um passeio ao acaso por conversas curtas "
        "e oito clientes levados até o chamado.",
        "\n".join(f"- {line}" for line in lines(findings, courses)),
        f"Jogadas: {_listed(findings.counts)}.\n\nFins de conversa: {_listed(findings.ends)}.",
        _violations(findings.violations),
        _courses(courses),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def keep(violations: list[Violation], folder: Path) -> None:
    """Writes the last turns of every violation, in place of those of an earlier run."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, one in enumerate(violations, 1):
        text = f"{MEASURES[one.measure]}\n{one.detail}\n\n" + "\n\n".join(one.turns) + "\n"
        (folder / f"{one.measure}-{number:03}.txt").write_text(text, "utf-8")


def _violations(violations: list[Violation]) -> str:
    if not violations:
        return ""
    counted = Counter((one.measure, one.detail) for one in violations).most_common(_MOST)
    rows = [f"| {number} | {MEASURES[name]} | {_cell(detail)} |" for (name, detail), number in counted]
    return "\n".join(
        [f"## O mais frequente\n\nAté {_MOST} linhas.\n", "| vezes | medida | onde |", "|---|---|---|", *rows]
    )


def _courses(courses: list[Course]) -> str:
    rows = [
        f"| {one.name} | {one.turns or 'sem chamado'} | {', '.join(one.asked)} | {', '.join(one.asked_although_said)} |"
        for one in courses
    ]
    head = "| cliente | turnos | perguntado | embora dito |"
    return "\n".join(["## Até o chamado\n", head, "|---|---|---|---|", *rows])


def _median(courses: list[Course], kind: str) -> str:
    turns = [one.turns for one in courses if one.kind == kind and one.turns]
    return f"{median(turns):g}" if turns else "sem chamado"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.most_common())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
