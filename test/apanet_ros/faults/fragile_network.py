"""A network in a real .onnx file that breaks down over some pictures, in ONNX Runtime itself.

The left picture decides: a white one asks for more memory than there is, at more than 32 rows only;
a black one does so at any size; the right one white reads beyond the end of a table. All others
come out inverted.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from apanet_core.network.config import CONFIG_KEY, ApanetConfig

TOO_MANY = 2**48
ROWS = 32


def save_fragile_network(path: Path) -> None:
    """Write the file, which loads as an exported APANet."""
    constants = {
        "one": np.array(1, np.float32),
        "white": np.array(0.95, np.float32),
        "black": np.array(0.05, np.float32),
        "rows": np.array(ROWS, np.int64),
        "row_axis": np.array(2, np.int64),
        "few": np.array([1], np.int64),
        "many": np.array([TOO_MANY], np.int64),
        "table": np.zeros(1, np.float32),
        "start": np.array(0, np.int64),
        "beyond": np.array(5, np.int64),
    }
    nodes = [
        # How much memory is asked for, by the left picture and its size.
        helper.make_node("ReduceMean", ["left"], ["left_mean"], keepdims=0),
        helper.make_node("Shape", ["left"], ["shape"]),
        helper.make_node("Gather", ["shape", "row_axis"], ["height"]),
        helper.make_node("Greater", ["height", "rows"], ["is_large"]),
        helper.make_node("Greater", ["left_mean", "white"], ["is_white"]),
        helper.make_node("Less", ["left_mean", "black"], ["is_black"]),
        helper.make_node("And", ["is_white", "is_large"], ["is_white_and_large"]),
        helper.make_node("Or", ["is_white_and_large", "is_black"], ["is_too_much"]),
        helper.make_node("Where", ["is_too_much", "many", "few"], ["count"]),
        helper.make_node("ConstantOfShape", ["count"], ["zeros"]),
        helper.make_node("ReduceSum", ["zeros"], ["zero"], keepdims=0),
        # Where the table is read, by the right picture.
        helper.make_node("ReduceMean", ["right"], ["right_mean"], keepdims=0),
        helper.make_node("Greater", ["right_mean", "white"], ["is_bad"]),
        helper.make_node("Where", ["is_bad", "beyond", "start"], ["index"]),
        helper.make_node("Gather", ["table", "index"], ["other_zero"]),
        helper.make_node("Add", ["zero", "other_zero"], ["both_zero"]),
        helper.make_node("Sub", ["one", "both_zero"], ["still_one"]),
        helper.make_node("Sub", ["still_one", "left"], ["derained_left"]),
        helper.make_node("Sub", ["still_one", "right"], ["derained_right"]),
    ]
    shape = [1, 3, "height", "width"]
    views = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name in ("left", "right", "derained_left", "derained_right")
    ]
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "fragile", views[:2], views[2:], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    helper.set_model_props(model, {CONFIG_KEY: ApanetConfig(width=8).to_json()})
    onnx.save(model, path)


if __name__ == "__main__":
    import sys

    save_fragile_network(Path(sys.argv[1]))
