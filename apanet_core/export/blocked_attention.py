"""Causal attention in an exported graph whose scores are in memory a block of columns at a time.

The `Attention` operator is new (operator set 23), and on a CPU ONNX Runtime stores every score for
it, those above the diagonal too. In its place comes a function of plain operators, written into the
file, that every runtime unfolds.
"""

from __future__ import annotations

import onnx
from onnx import parser

DOMAIN = "apanet"

NAME = "BlockedCausalAttention"

BLOCKS = 8
"""Blocks a row is cut into: an eighth of the scores at a time, and 9/16 of all are computed."""

LATER = -30000.0
"""Added to scores above the diagonal; half precision has room for little more."""

_BEGIN = """
    zero = Constant <value_ints = [0]> ()
    one = Constant <value_ints = [1]> ()
    columns = Constant <value_ints = [-2]> ()
    blocks = Constant <value_ints = [{blocks}]> ()
    blocks_less_one = Constant <value_ints = [{less}]> ()
    half = Constant <value_float = -0.5> ()
    later = Constant <value_float = {later}> ()
    nothing = Constant <value_float = 0.0> ()
    no_axes = Constant <value_int = 0> ()
    step = Constant <value_int = 1> ()
    width = Shape <start = 2, end = 3> (Q)
    channels = Shape <start = 3, end = 4> (Q)
    channels_number = Cast <to = 1> (channels)
    scale_number = Pow (channels_number, half)
    scale = CastLike (scale_number, Q)
    scaled = Mul (Q, scale)
    turned = Transpose <perm = [0, 1, 3, 2]> (K)
    filled = Add (width, blocks_less_one)
    size = Div (filled, blocks)
    last_axis = Constant <value_ints = [3]> ()
"""

_BLOCK = """
    number_{k} = Constant <value_ints = [{k}]> ()
    begin_free_{k} = Mul (number_{k}, size)
    begin_{k} = Min (begin_free_{k}, width)
    end_free_{k} = Add (begin_free_{k}, size)
    end_{k} = Min (end_free_{k}, width)
    query_{k} = Slice (scaled, begin_{k}, end_{k}, columns, one)
    key_{k} = Slice (turned, zero, end_{k}, last_axis, one)
    value_{k} = Slice (V, zero, end_{k}, columns, one)
    begin_scalar_{k} = Squeeze (begin_{k}, zero)
    end_scalar_{k} = Squeeze (end_{k}, zero)
    row_{k} = Range (begin_scalar_{k}, end_scalar_{k}, step)
    column_{k} = Range (no_axes, end_scalar_{k}, step)
    upright_{k} = Unsqueeze (row_{k}, one)
    hidden_{k} = Less (upright_{k}, column_{k})
    mask_number_{k} = Where (hidden_{k}, later, nothing)
    mask_{k} = CastLike (mask_number_{k}, Q)
    product_{k} = MatMul (query_{k}, key_{k})
    scores_{k} = Add (product_{k}, mask_{k})
    attention_{k} = Softmax <axis = -1> (scores_{k})
    part_{k} = MatMul (attention_{k}, value_{k})
"""


def blocked_causal_attention(opset: int) -> onnx.FunctionProto:
    """Return the function of `[B,H,W,C]` query, key and value; scores scaled by `1 / sqrt(C)`."""
    begin = _BEGIN.format(blocks=BLOCKS, less=BLOCKS - 1, later=LATER)
    parts = ", ".join(f"part_{k}" for k in range(BLOCKS))
    body = begin + "".join(_BLOCK.format(k=k) for k in range(BLOCKS))
    return parser.parse_function(
        f'<opset_import: ["" : {opset}], domain: "{DOMAIN}">\n'
        f"{NAME} (Q, K, V) => (Y) {{{body}    Y = Concat <axis = 2> ({parts})\n}}"
    )


def block_attention(model: onnx.ModelProto, opset: int) -> None:
    """Put the function in the place of every causal `Attention`, and lower the operator set.

    Args:
        model: in operator set 23; changed in place.
        opset: that holds every other operator of the graph: 20 or more.
    """
    for node in model.graph.node:
        flags = {attribute.name: attribute.i for attribute in node.attribute}
        if node.op_type == "Attention" and flags.get("is_causal"):
            node.op_type, node.domain = NAME, DOMAIN
            node.ClearField("attribute")
    model.functions.append(blocked_causal_attention(opset))
    del model.opset_import[:]
    model.opset_import.extend(
        [onnx.helper.make_opsetid("", opset), onnx.helper.make_opsetid(DOMAIN, 1)]
    )
    # The first that runtimes of that operator set read.
    model.ir_version = 9
