"""The results as a Markdown page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.nlu.pipelines import PROPOSED_EPOCHS, Measured
from benchmarks.nlu.processes import Cost
from benchmarks.nlu.scores import percentile

MESSAGE_AIM_MS = 15
TRAINING_AIM_S = 60
# Not at every training: see builds.export_encoder.
_ONCE = "encoder"
_STEPS = {
    "dialogue": "entendimento (Rasa)",
    "severity": "severidade",
    "articles": "índice de artigos, com o codificador pronto",
    "encoder": "codificador de frases, uma vez por instalação",
}


@dataclass(frozen=True)
class Results:
    """`diet_of_whys` is DIET trained on the annotated sentences alone; `builds` by step."""

    ours: Measured
    diet: Measured
    diet_of_whys: Measured
    builds: dict[str, Cost]
    epochs: int


def page(results: Results, set_name: str, counts: tuple[int, int], provenance: str, conditions: str) -> str:
    """The whole of results.md; `counts` of messages with a goal and with the five whys."""
    return "\n".join(
        [
            "# Entendimento de texto (NLU)",
            "",
            f"{provenance}. {conditions}",
            "",
            f"Escrito por `python -m benchmarks.nlu`, sobre `{set_name}`: {counts[0]} mensagens com objetivo, {counts[1]} com os cinco porquês.",
            f"O nosso pipeline (`config.yml`, no nosso ambiente) contra o que o Rasa 3.6.21 propõe (DIET, {results.epochs} épocas, com",
            "TensorFlow: `diet.yml`), treinados com os mesmos `nlu_data/goals` e `nlu_data/whys`, na mesma execução. Um processo",
            "treina e outro, novo, carrega e lê, os dois num só núcleo; cada mensagem é lida três vezes.",
            *_fewer_epochs(results),
            "",
            "## Lado a lado",
            "",
            *_table(["medida", "nosso", "DIET", "nosso ÷ DIET"], _side_by_side(results)),
            "",
            "Acerto, sem fallback: o primeiro objetivo da lista, qualquer que seja a confiança. F1: palavras sem caixa nem acento,",
            "média dos campos presentes na resposta certa ou na dada. Treino e partida contam o processo inteiro, importações incluídas.",
            "",
            f"O DIET aprende das frases de `goals`, sem marcas, que nelas não há nada a marcar. {_of_whys(results)}",
            "",
            "## Nossos treinos",
            "",
            *_table(["passo", "CPU s", "parede s", "pico MB"], _builds(results.builds)),
            "",
            "## Metas",
            "",
            *_table(["meta", "parede", "CPU", "cumprida (parede, CPU)"], _aims(results)),
            "",
            "Os tempos de parede sobem com o que mais roda na máquina; os de CPU, quase não.",
            "",
        ]
    )


def _side_by_side(results: Results) -> Iterable[list[str]]:
    ours, diet = results.ours, results.diet
    for what, share in (
        ("objetivo certo", lambda one: one.scores.goals),
        ("objetivo certo, sem fallback", lambda one: one.scores.likeliest),
        ("cinco porquês, F1", lambda one: one.scores.slot_f1),
        ("cinco porquês, iguais à resposta", lambda one: one.scores.exact),
        ("campo vazio fica vazio", lambda one: one.scores.empty_kept),
    ):
        yield [what, f"{share(ours):.1%}", f"{share(diet):.1%}", f"{share(ours) / share(diet):.2f}"]
    for what, value, digits in (
        ("treino, CPU s", lambda one: one.training.cpu_s, 1),
        ("treino, parede s", lambda one: one.training.wall_s, 1),
        ("treino, pico MB", lambda one: one.training.peak_mb, 0),
        ("partida, CPU s", lambda one: one.start_cpu_s, 1),
        ("partida, parede s", lambda one: one.start_wall_s, 1),
        ("memória ao ler, MB", lambda one: one.serving_mb, 0),
        ("pico ao ler, MB", lambda one: one.peak_mb, 0),
        ("mensagem, CPU ms, p50", lambda one: percentile(one.cpus_ms, 50), 1),
        ("mensagem, CPU ms, p95", lambda one: percentile(one.cpus_ms, 95), 1),
        ("mensagem, parede ms, p50", lambda one: percentile(one.walls_ms, 50), 1),
        ("mensagem, parede ms, p95", lambda one: percentile(one.walls_ms, 95), 1),
    ):
        yield [
            what,
            f"{value(ours):.{digits}f}",
            f"{value(diet):.{digits}f}",
            f"**{value(ours) / value(diet):.2f}**",
        ]


def _fewer_epochs(results: Results) -> Iterable[str]:
    if results.epochs < PROPOSED_EPOCHS:
        all_cpu_s = results.diet.training.cpu_s * PROPOSED_EPOCHS / results.epochs
        yield f"**O Rasa propõe {PROPOSED_EPOCHS} épocas; estas são {results.epochs}.** Todas levariam perto de {all_cpu_s / 60:.0f} minutos de CPU e talvez acertassem mais."


def _of_whys(results: Results) -> str:
    only = results.diet_of_whys
    return (
        f"Treinado só com `whys`, sem esse prejuízo: F1 {only.scores.slot_f1:.1%}, iguais {only.scores.exact:.1%}, "
        f"vazio fica vazio {only.scores.empty_kept:.1%}, em {only.training.cpu_s:.1f} s de CPU."
    )


def _builds(builds: dict[str, Cost]) -> Iterable[list[str]]:
    repeated = _repeated(builds)
    for step, name in _STEPS.items():
        if step == _ONCE:
            yield _build("**soma**", sum(one.cpu_s for one in repeated), sum(one.wall_s for one in repeated), repeated)
        yield _build(name, builds[step].cpu_s, builds[step].wall_s, [builds[step]])


def _build(name: str, cpu_s: float, wall_s: float, costs: list[Cost]) -> list[str]:
    return [name, f"{cpu_s:.1f}", f"{wall_s:.1f}", f"{max(cost.peak_mb for cost in costs):.0f}"]


def _aims(results: Results) -> Iterable[list[str]]:
    wall, cpu = (percentile(values, 50) for values in (results.ours.walls_ms, results.ours.cpus_ms))
    yield _aim(f"uma mensagem em até {MESSAGE_AIM_MS} ms (p50)", wall, cpu, "ms", MESSAGE_AIM_MS)
    repeated = _repeated(results.builds)
    wall, cpu = sum(cost.wall_s for cost in repeated), sum(cost.cpu_s for cost in repeated)
    yield _aim(f"todos os treinos em até {TRAINING_AIM_S} s", wall, cpu, "s", TRAINING_AIM_S)


def _aim(what: str, wall: float, cpu: float, unit: str, aim: float) -> list[str]:
    verdicts = ", ".join("sim" if value <= aim else "não" for value in (wall, cpu))
    return [what, f"{wall:.1f} {unit}", f"{cpu:.1f} {unit}", verdicts]


def _repeated(builds: dict[str, Cost]) -> list[Cost]:
    return [cost for step, cost in builds.items() if step != _ONCE]


def _table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
