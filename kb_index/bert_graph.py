"""A packed model as an ONNX graph: token ids in, vectors of length 1 out. Needs onnx, and no torch.

The sums are those of BERT as transformers writes them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from kb_index.packed_model import PackedModel

_OPSET = 17
_FORBIDDEN = 1e9  # taken off the attention to a token that only fills up


def bert_graph(packed: PackedModel) -> onnx.ModelProto:
    """Mean of the last layer over the tokens of `attention_mask`, at length 1."""
    graph = _Graph(packed)
    mask = graph.node("Cast", "attention_mask", to=TensorProto.FLOAT)
    hidden = graph.embedded()
    forbidden = graph.node("Unsqueeze", graph.node("Sub", mask, graph.floats(1)), graph.integers([1, 2]))
    bias = graph.node("Mul", forbidden, graph.floats(_FORBIDDEN))
    for layer in range(packed.shape.layers):
        hidden = graph.layer(f"encoder.layer.{layer}", hidden, bias)
    weights = graph.node("Unsqueeze", mask, graph.integers([2]))
    # Their mean and their sum point the same way.
    total = graph.node("ReduceSum", graph.node("Mul", hidden, weights), graph.integers([1]), keepdims=0)
    length = graph.node("ReduceL2", total, axes=[1], keepdims=1)
    graph.node("Div", total, length, output="vector")
    return graph.model()


class _Graph:
    """Grows node by node; every method gives the name of what it computes."""

    def __init__(self, packed: PackedModel) -> None:
        self._shape, self._tensors = packed.shape, packed.tensors
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def node(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        output = output or f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def constant(self, values: np.ndarray) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name

    def floats(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def integers(self, values: list[int]) -> str:
        return self.constant(np.array(values, np.int64))

    def embedded(self) -> str:
        """Words and their positions; every token is of the first type."""
        word, position, kind = (
            self._tensors[f"embeddings.{name}_embeddings.weight"].reshape(-1, self._shape.hidden)
            for name in ("word", "position", "token_type")
        )
        words = self.node("Gather", self.constant(word), "input_ids")
        length = self.node("Shape", "input_ids", start=1)
        start, axis = self.integers([0]), self.integers([0])
        places = self.node("Slice", self.constant(position + kind[0]), start, length, axis)
        return self._normalised("embeddings.LayerNorm", self.node("Add", words, places))

    def layer(self, name: str, hidden: str, bias: str) -> str:
        attended = self._linear(f"{name}.attention.output.dense", self._attention(name, hidden, bias))
        hidden = self._normalised(f"{name}.attention.output.LayerNorm", self.node("Add", attended, hidden))
        inner = self._gelu(self._linear(f"{name}.intermediate.dense", hidden))
        outer = self._linear(f"{name}.output.dense", inner)
        return self._normalised(f"{name}.output.LayerNorm", self.node("Add", outer, hidden))

    def model(self) -> onnx.ModelProto:
        tokens = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
            for name in ("input_ids", "attention_mask")
        ]
        vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", self._shape.hidden])
        graph = helper.make_graph(self._nodes, "bert", tokens, [vector], self._constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)

    def _attention(self, name: str, hidden: str, bias: str) -> str:
        heads, size = self._shape.heads, self._shape.hidden // self._shape.heads
        apart = self.integers([0, 0, heads, size])
        query, key, value = (
            self.node(
                "Transpose", self.node("Reshape", self._linear(f"{name}.attention.self.{part}", hidden), apart), perm=to
            )
            for part, to in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3]))
        )
        scores = self.node("Mul", self.node("MatMul", query, key), self.floats(size**-0.5))
        shares = self.node("Softmax", self.node("Add", scores, bias), axis=-1)
        mixed = self.node("Transpose", self.node("MatMul", shares, value), perm=[0, 2, 1, 3])
        return self.node("Reshape", mixed, self.integers([0, 0, heads * size]))

    def _linear(self, name: str, hidden: str) -> str:
        bias = self._tensors[f"{name}.bias"]
        weights = self._tensors[f"{name}.weight"].reshape(len(bias), -1).T
        return self.node("Add", self.node("MatMul", hidden, self.constant(weights)), self.constant(bias))

    def _normalised(self, name: str, hidden: str) -> str:
        scale, shift = (self.constant(self._tensors[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.node("LayerNormalization", hidden, scale, shift, epsilon=self._shape.layer_norm_eps)

    def _gelu(self, hidden: str) -> str:
        share = self.node("Erf", self.node("Div", hidden, self.floats(2**0.5)))
        product = self.node("Mul", hidden, self.node("Add", share, self.floats(1)))
        return self.node("Mul", product, self.floats(0.5))
