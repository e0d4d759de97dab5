"""The matrix of quite another company, small enough to know by heart."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from bot.sla.business_hours import BusinessCalendar
from bot.sla.matrix import Matrix, SlaRow
from bot.sla.severity import SeverityModel
from bot.sla.severity_training import Examples, train

MATRIX = Matrix(
    (
        SlaRow("P-1", "FORNO", "FORNO", "Forno indisponível", "Nenhum pão é assado", 1, 1, 2),
        SlaRow(
            "P-2", "FORNO", "TIMER", "Erro NÃO impeditivo no timer do forno", "O padeiro confere no relógio", 4, 8, 40
        ),
        SlaRow("P-3", "CAIXA", "CAIXA", "Caixa indisponível", "Ninguém paga no balcão", 1, 1, 2),
        SlaRow("P-4", "CAIXA", "CAIXA", "Lentidão generalizada no caixa", "A fila cresce no balcão", 2, 2, 8),
        SlaRow(
            "P-5", "CAIXA", "BALANÇA", "Erro NÃO impeditivo na balança do caixa", "O peso sai com casa a mais", 4, 8, 40
        ),
        # No example speaks of this row: only its own wording does.
        SlaRow("P-6", "VITRINE", "VITRINE", "Vitrine refrigerada indisponível", "Os doces derretem", 1, 1, 2),
    )
)
EXAMPLES = {
    "P-1": ["o forno não liga e nenhum pão foi assado hoje", "forno apagado, nada assa", "o forno parou de vez"],
    "P-2": [
        "o timer do forno apita fora de hora, mas dá para assar",
        "o timer mostra a hora errada, assamos mesmo assim",
    ],
    "P-3": ["o caixa não abre e ninguém paga", "caixa fora do ar, ninguém consegue pagar no balcão"],
    "P-4": ["o caixa está lento para todos", "o caixa demora para registrar cada venda, a fila cresce"],
    "P-5": ["a balança do caixa mostra uma casa a mais, mas pesa", "a balança imprime torto, mas funciona"],
}
# Open from nine to six, all days of the week.
CALENDAR = BusinessCalendar(ZoneInfo("UTC"), (((time(9), time(18)),),) * 7)
OTHERS = ["como troco a lâmpada do forno?", "quero uma vitrine nova", "onde vejo as vendas do caixa?", "bom dia"]


def trained() -> SeverityModel:
    return train(MATRIX, Examples(EXAMPLES, OTHERS))
