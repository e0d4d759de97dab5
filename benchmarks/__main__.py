"""`python -m benchmarks [part …]`: lists the parts and runs those named, or all that are quick and need nothing running."""

from __future__ import annotations

import subprocess
import sys

PARTS = {
    "dialogue": "turnos por segundo, CPU, memória e partida, contra o Rasa original",
    "articles": "busca de artigos",
    "index_scale": "índice de mil a um milhão de trechos, em memória e no pgvector (uns 8 minutos)",
    "sla_clock": "microssegundos por cálculo do relógio de SLA, contra o pandas",
    "nlu": "entendimento contra o pipeline DIET, e o custo dos treinos: --sets PASTA (três horas ou mais, quase todas do treino do DIET)",
    "conversations": "2.000 turnos ao acaso contra o serviço no ar: --url ENDEREÇO",
    "whatsapp": "200 pessoas escrevem 2.000 mensagens enquanto os processos são mortos (meia hora)",
    "errors": "página com os erros de um conjunto: --url ENDEREÇO --sets PASTA",
    "understanding": "conjunto de avaliação, ou um nosso, contra o serviço no ar: --url ENDEREÇO --eval PASTA | --sets PASTA",
}
ON_DEMAND = {"understanding", "index_scale", "conversations", "errors", "nlu", "whatsapp"}


def main(arguments: list[str]) -> int:
    """0 when every part ended well; 2 after a sentence for a name that is no part."""
    for name, what in PARTS.items():
        print(f"python -m benchmarks.{name:14} {what}", flush=True)
    unknown = [name for name in arguments if name not in PARTS]
    if unknown:
        print(f"Não existe a parte {', '.join(unknown)}.", file=sys.stderr)
        return 2
    named = arguments or [name for name in PARTS if name not in ON_DEMAND]
    codes = [subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode for name in named]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
