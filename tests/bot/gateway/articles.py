"""A knowledge base of four articles about a bakery, and an encoder that knows words and nothing of their meaning."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kb_index.build import build
from kb_index.encoder import EncoderCard
from kb_index.search import LiveSearch
from kb_index.terms import words

_ARTICLES = {
    "ligar-forno": ("Como ligar o forno", "Gire o botão do forno até **220 graus** e espere a luz verde acender."),
    "trocar-lampada": ("Como trocar a lâmpada da vitrine", "Desligue a vitrine, solte a tampa e troque a lâmpada."),
    "abrir-caixa": ("Como abrir o caixa", "Digite a senha do caixa e conte o troco da gaveta."),
    "pesar-pao": ("Como pesar o pão", "Ponha o pão na balança <script>alert(1)</script> e espere o peso parar."),
}
_UNANSWERABLE = """
outra_coisa:
  - qual a previsão do tempo
  - quanto custa um carro
  - quem ganhou o jogo
  - conte uma piada
"""


class WordEncoder:
    """Each word is a direction; texts are alike as far as they share words."""

    card = EncoderCard("words", 256)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self._vector(text) for text in texts])

    encode_passages = encode_queries

    def _vector(self, text: str) -> np.ndarray:
        vector = np.full(self.card.dimension, 1e-3, np.float32)
        for word in words(text):
            vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % self.card.dimension] += 1
        return vector / np.linalg.norm(vector)


def make_index(folder: Path) -> None:
    """Writes the articles below `folder` and builds their index in it."""
    for id, (title, body) in _ARTICLES.items():
        questions = "".join(f'  - "{start} {title.lower()[5:]}"\n' for start in ("quero", "preciso", "onde se pode"))
        path = folder / "articles" / f"{id}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"---\nid: {id}\ntitle: {title}\nquestions:\n{questions}---\n{body}\n")
    (folder / "unanswerable.yml").write_text(_UNANSWERABLE)
    build(folder / "articles", folder, encoder=WordEncoder(), unanswerable=folder / "unanswerable.yml")


def open_index(folder: Path) -> LiveSearch:
    return LiveSearch(folder, WordEncoder())
