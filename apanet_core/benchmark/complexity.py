"""Multiply-accumulate operations and parameters of a network, counted without computing."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from apanet_core.network.apanet import APANet
from apanet_core.network.config import ApanetConfig


class Complexity(NamedTuple):
    """Work for one pair.

    Attributes:
        parameters: of the network.
        macs: multiply-accumulate operations of convolutions, projections and attention. Of causal
            attention only the half under the mask counts, as a fused kernel computes it; of banded
            attention all that its blocks compute.
        macs_stored: the same without that: whole rows are attended to, as the released code does.
        bytes_moved: what the operators read and write in float32, each once and whole; scores of
            attention included, views of what is in memory not.
    """

    parameters: int
    macs: int
    macs_stored: int
    bytes_moved: int


def complexity(config: ApanetConfig, height: int, width: int) -> Complexity:
    """Count for a pair of `height` x `width` pixels, padded as the network pads it."""
    with torch.device("meta"):
        model = APANet(config).eval()
        view = torch.empty(1, 3, height, width)
        moved = BytesMoved()  # type: ignore[no-untyped-call]
        with torch.inference_mode(), FlopCounterMode(display=False) as counter, moved:
            model(view, view)
    # On the meta device attention is two batched products; nothing else is.
    counts = counter.get_flop_counts()["Global"]
    attention = counts.get(torch.ops.aten.bmm, 0) // 2
    stored = counter.get_total_flops() // 2
    causal = config.parallax_mask and not config.max_disparity
    seen = attention // 2 if causal else attention
    return Complexity(
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        macs=stored - attention + seen,
        macs_stored=stored,
        bytes_moved=moved.total,
    )


class BytesMoved(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up what operators read and write."""

    total = 0

    def __torch_dispatch__(
        self, operation: Any, types: Any, arguments: Any = (), keywords: Any = None
    ) -> Any:
        """Compute and count."""
        result = operation(*arguments, **(keywords or {}))
        if not operation.is_view and operation is not torch.ops.aten.bmm.default:
            tensors = pytree.tree_leaves((arguments, keywords, result))
            self.total += sum(each.nbytes for each in tensors if isinstance(each, torch.Tensor))
        return result
