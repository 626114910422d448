"""Write a network as ONNX, and keep the file only if its numbers agree with torch."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from apanet_core.errors import ApanetError
from apanet_core.network.apanet import APANet
from apanet_core.network.config import CONFIG_KEY

OPSET = 23
"""The first with an `Attention` operator, which needs no W x W scores in memory."""

CHECKED_SIZES = ((32, 64), (64, 32), (96, 160), (160, 352))
"""Height and width of the pairs that torch and ONNX Runtime are compared on."""

TOLERANCE = 1e-4
"""Largest absolute difference, on images in [0, 1], at which a file is kept."""


@dataclass(frozen=True)
class ExportReport:
    """Largest absolute difference from torch, per checked `(height, width)`."""

    differences: dict[tuple[int, int], float]

    @property
    def worst(self) -> float:
        """The largest of all."""
        return max(self.differences.values())


def export_onnx(model: APANet, path: str | Path) -> ExportReport:
    """Write float32 ONNX with inputs and outputs `[1,3,H,W]`, H and W multiples of the network's.

    Args:
        model: the network, in float32.
        path: the file to write; written aside and renamed after the check.

    Raises:
        ApanetError: the folder is missing, or ONNX Runtime's output is not within `TOLERANCE` of
            torch's; no file is left.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise ApanetError(f"No folder {path.parent}: make it first.")
    model = model.cpu().eval()
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        aside = Path(folder) / path.name
        _write(model, aside)
        report = _compare(model, aside)
        if not report.worst <= TOLERANCE:
            raise ApanetError(
                f"{path} was not written: it differs from torch by {report.worst:.2e}, allowed "
                f"is {TOLERANCE:.0e}."
            )
        aside.replace(path)
    return report


def _write(model: APANet, path: Path) -> None:
    multiple = model.config.multiple
    # Sizes in multiples leave nothing to pad, so the graph holds for every size.
    height = multiple * torch.export.Dim("height_blocks", min=1, max=4096)
    width = multiple * torch.export.Dim("width_blocks", min=1, max=4096)
    # Two tensors: one passed twice would be taken for a single input.
    left, right = torch.rand(2, 1, 3, 4 * multiple, 6 * multiple)
    program = torch.onnx.export(
        model,
        (left, right.clone()),
        dynamo=True,
        opset_version=OPSET,
        input_names=["left", "right"],
        output_names=["derained_left", "derained_right"],
        dynamic_shapes=({2: height, 3: width},) * 2,
        verbose=False,
    )
    assert program is not None  # only the old exporter returns nothing
    proto = program.model_proto
    _forget_sources(proto)
    entry = proto.metadata_props.add()
    entry.key, entry.value = CONFIG_KEY, model.config.to_json()
    onnx.save(proto, path)


def _forget_sources(proto: onnx.ModelProto) -> None:
    """Drop the stack traces of this machine that the exporter notes at every node."""
    for part in (*proto.graph.node, *proto.graph.value_info, *proto.graph.initializer):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")


def _compare(model: APANet, path: Path) -> ExportReport:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    differences = {}
    for height, width in CHECKED_SIZES:
        left, right = torch.rand(2, 1, 3, height, width, generator=generator)
        with torch.inference_mode():
            expected = model(left, right)
        found = session.run(None, {"left": left.numpy(), "right": right.numpy()})
        differences[height, width] = max(
            float(np.abs(ours.numpy() - theirs).max())
            for ours, theirs in zip(expected, found, strict=True)
        )
    return ExportReport(differences)
