"""The results as a Markdown page: tables of what was measured, and the ratios against their aims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from benchmarks.dialogue.measure import Growth, Load, Start

PROCESSES = ("rasa", "actions", "redis")
SIDE_NAMES = ("nosso", "original")


@dataclass(frozen=True)
class Results:
    """By side, in the order of `SIDE_NAMES`; `loads` by the number of conversations at once."""

    starts: tuple[list[Start], list[Start]]
    loads: tuple[dict[int, Load], dict[int, Load]]
    growths: tuple[Growth, Growth]
    rss_mb: tuple[float, float]


def page(results: Results, provenance: str, conditions: str) -> str:
    """The whole of results.md."""
    return "\n".join(
        [
            "# Diálogo",
            "",
            f"{provenance}. {conditions}",
            "",
            "Escrito por `python -m benchmarks.dialogue`. O nosso lançador (`python -m rasa_server serve`) contra o Rasa 3.6.21",
            "como é publicado (`rasa run`, canal REST, tracker e lock em Redis, com TensorFlow): o mesmo modelo, o mesmo servidor",
            "de ações, o mesmo Redis e o mesmo cliente, na mesma execução, em rodadas alternadas, tudo num só núcleo.",
            "Todas as respostas foram conferidas: uma resposta errada interrompe a medição.",
            "O modelo usa só componentes originais; o classificador dele é lido por skops, que o nosso serviço não usa.",
            "",
            "## Razões",
            "",
            *_table(["medida", "nosso", "original", "razão", "meta", "cumprida"], _ratios(results)),
            "",
            "Os tempos de parede sobem com o que mais roda na máquina; os de CPU, quase não.",
            "",
            "## Conversa de 12 turnos",
            "",
            *_table(
                ["ao mesmo tempo", "lado", "turnos", "p50 ms", "p95 ms", "p99 ms", "mensagens/s"], _latencies(results)
            ),
            "",
            "CPU por turno, em ms:",
            "",
            *_table(["ao mesmo tempo", "lado", *PROCESSES, "soma"], _processor_times(results)),
            "",
            "## Partida até a primeira resposta",
            "",
            *_table(["lado", "parede s (mediana)", "de – até", "CPU s (mediana)", "RSS MB"], _starts(results)),
            "",
            "## Turno 200 contra turno 10",
            "",
            "Turno de formulário com resposta recusada; mediana (CPU: média) dos turnos 8 a 12 e 198 a 202 de algumas conversas.",
            "",
            *_table(["lado", "turno 10 ms", "turno 200 ms", "turno 10 CPU ms", "turno 200 CPU ms"], _growths(results)),
            "",
        ]
    )


def _ratios(results: Results) -> Iterable[list[str]]:
    serial = [loads[1] for loads in results.loads]
    busiest = [loads[max(loads)] for loads in results.loads]
    yield _ratio("CPU do Rasa por turno, ms", *(load.cpu_ms("rasa") for load in serial), aim=0.45)
    yield _ratio("CPU de Rasa, ações e Redis por turno, ms", *(load.cpu_ms(*PROCESSES) for load in serial), aim=0.45)
    yield _ratio("p50 em série, ms", *(load.percentile(50) for load in serial))
    yield _ratio(f"mensagens/s, {busiest[0].at_once} conversas", *(load.per_second for load in busiest))
    yield _ratio("partida, s", *(median(one.wall_s for one in starts) for starts in results.starts), aim=0.35)
    yield _ratio("partida, CPU s", *(median(one.cpu_s for one in starts) for starts in results.starts), aim=0.35)
    yield _ratio("memória depois da carga, MB", *results.rss_mb, aim=0.45)
    wall = [growth.late_ms / growth.early_ms for growth in results.growths]
    cpu = [growth.late_cpu_ms / growth.early_cpu_ms for growth in results.growths]
    yield _own("turno 200 ÷ turno 10, parede", *wall, aim=1.2)
    yield _own("turno 200 ÷ turno 10, CPU", *cpu, aim=1.2)


def _ratio(what: str, ours: float, stock: float, aim: float | None = None) -> list[str]:
    return [what, f"{ours:.1f}", f"{stock:.1f}", f"**{ours / stock:.2f}**", *_verdict(ours / stock, aim)]


def _own(what: str, ours: float, stock: float, aim: float) -> list[str]:
    """An aim of our side's own, not of the ratio between the sides."""
    return [what, f"**{ours:.2f}**", f"{stock:.2f}", "", *_verdict(ours, aim)]


def _verdict(value: float, aim: float | None) -> list[str]:
    return ["", ""] if aim is None else [f"≤ {aim}", "sim" if value <= aim else "não"]


def _latencies(results: Results) -> Iterable[list[str]]:
    for side, load in _by_load(results):
        percentiles = [f"{load.percentile(percent):.1f}" for percent in (50, 95, 99)]
        yield [str(load.at_once), side, str(len(load.turns_ms)), *percentiles, f"{load.per_second:.1f}"]


def _processor_times(results: Results) -> Iterable[list[str]]:
    for side, load in _by_load(results):
        times = [f"{load.cpu_ms(name):.1f}" for name in PROCESSES]
        yield [str(load.at_once), side, *times, f"{load.cpu_ms(*PROCESSES):.1f}"]


def _by_load(results: Results) -> Iterable[tuple[str, Load]]:
    for at_once in results.loads[0]:
        for side, loads in zip(SIDE_NAMES, results.loads, strict=True):
            yield side, loads[at_once]


def _starts(results: Results) -> Iterable[list[str]]:
    for side, starts in zip(SIDE_NAMES, results.starts, strict=True):
        walls = sorted(one.wall_s for one in starts)
        cpu, rss = median(one.cpu_s for one in starts), median(one.rss_mb for one in starts)
        yield [side, f"{median(walls):.1f}", f"{walls[0]:.1f} – {walls[-1]:.1f}", f"{cpu:.1f}", f"{rss:.0f}"]


def _growths(results: Results) -> Iterable[list[str]]:
    for side, growth in zip(SIDE_NAMES, results.growths, strict=True):
        values = (growth.early_ms, growth.late_ms, growth.early_cpu_ms, growth.late_cpu_ms)
        yield [side, *(f"{value:.1f}" for value in values)]


def _table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
