"""A small library of articles, written to a folder as a person would write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kb_index.encoder import Encoder


def write_article(
    folder: Path,
    article_id: str,
    title: str,
    body: str,
    questions: Sequence[str] = (),
    product: str | None = None,
    module: str | None = None,
) -> Path:
    """The file written; it is named after the article's id."""
    folder.mkdir(parents=True, exist_ok=True)
    front = [f"id: {article_id}", f'title: "{title}"']
    front += [f"product: {product}"] if product else []
    front += [f"module: {module}"] if module else []
    front += ["questions:", *(f'  - "{question}"' for question in questions)] if questions else []
    file = folder / f"{article_id}.md"
    file.write_text("\n".join(["---", *front, "---", body, ""]), "utf-8")
    return file


def write_library(folder: Path) -> None:
    """Six articles on a till and a delivery app: three of product TILL, two of APP, one of none."""
    for article_id, title, product, module, body, questions in _LIBRARY:
        write_article(folder, article_id, title, body, questions, product, module)


def write_others(home: Path) -> Path:
    """A file of a few messages that none of the articles answers: enough to build, too few to learn from."""
    file = home / "others.yml"
    texts = ("chove amanhã?", "quem ganhou o jogo", "conte uma piada", "tô com fome", "boa noite")
    file.write_text("\n".join(["fora:", *(f'  - "{text}"' for text in texts)]), "utf-8")
    return file


class CountingEncoder:
    """Encodes by another encoder and remembers what it was asked to encode."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.card = encoder, encoder.card
        self.queries, self.passages = list[str](), list[str]()

    @property
    def encoded(self) -> list[str]:
        return self.queries + self.passages

    def forget(self) -> None:
        self.queries, self.passages = [], []

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        self.queries += texts
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        self.passages += texts
        return self._encoder.encode_passages(texts)


_LIBRARY = [
    (
        "fechar-caixa",
        "Como fechar o caixa no fim do dia",
        "TILL",
        "CAIXA",
        "## Passo a passo\n1. Conte o dinheiro da gaveta.\n2. Abra **Caixa > Fechamento** e digite o valor contado.\n"
        "3. Confirme a diferença, se houver.\n\n## O que verificar\nO fechamento só aparece para quem abriu o caixa.",
        ["acabou o turno, como encerro a gaveta?", "fechamento diario", "onde digito o valor que contei no final do dia?"],
    ),
    (
        "sangria-do-caixa",
        "Como retirar dinheiro do caixa (sangria)",
        "TILL",
        "CAIXA",
        "Abra **Caixa > Sangria**, informe o valor e o motivo e peça a senha do gerente. O comprovante sai em duas vias.",
        ["tem dinheiro demais na gaveta, como tiro uma parte", "fazer sangria", "retirada de valores com senha do gerente"],
    ),
    (
        "trocar-bobina",
        "Troca da bobina da impressora fiscal",
        "TILL",
        "IMPRESSORA",
        "Levante a tampa, encaixe a bobina com o papel saindo por cima e feche até ouvir o clique. Corte a sobra.",
        ["o papel do cupom acabou, como ponho outro rolo?", "bobina nova", "qual lado do papel fica pra cima na impressora?"],
    ),
    (
        "rastrear-entregador",
        "Como acompanhar o entregador no mapa",
        "APP",
        "ENTREGAS",
        "Em **Entregas > Em rota**, toque no pedido para ver a posição do entregador e o tempo estimado de chegada.",
        ["dá pra ver no mapa onde o motoboy está?", "posição da entrega em tempo real", "quanto falta pro pedido chegar na casa do cliente"],
    ),
    (
        "cadastrar-entregador",
        "Cadastro de entregador no aplicativo",
        "APP",
        "ENTREGAS",
        "Em **Entregas > Equipe**, toque em **Novo entregador**, preencha nome, telefone e placa e envie o convite.",
        ["contratei um motoboy novo, como coloco ele no app?", "incluir motoqueiro", "convite para o entregador"],
    ),
    (
        "trocar-senha",
        "Troca da própria senha",
        None,
        None,
        "Clique no seu nome, escolha **Minha conta > Senha** e digite a senha atual e a nova, com oito letras ou mais.",
        ["quero mudar minha senha de acesso", "alterar senha", "como ponho uma senha mais forte no meu usuário"],
    ),
]  # fmt: skip
