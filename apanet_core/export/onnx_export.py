"""Write a network as ONNX, and keep the file only if its numbers agree with torch."""

from __future__ import annotations

import copy
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch

from apanet_core.errors import ApanetError, ConfigError
from apanet_core.export.blocked_attention import block_attention
from apanet_core.network.apanet import APANet
from apanet_core.network.config import CONFIG_KEY, PRECISION_KEY
from apanet_core.runtime.onnx_runtime import import_onnx_runtime

BLOCKED_OPSET, FUSED_OPSET = OPSETS = (20, 23)
"""Operator sets that can be written. Parallax attention is a function of plain operators in the
first, and in the second the `Attention` operator, fused where the runtime has a kernel for it."""

CHECKED_SIZES = ((32, 64), (64, 32), (96, 160), (160, 352))
"""Height and width of the pairs that torch and ONNX Runtime are compared on."""

TOLERANCES = {"float32": 1e-4, "float16": 2.0**-7}
"""Largest absolute difference from torch in float32, on images in [0, 1], at which a file is kept,
by its precision; the second is two grey levels."""


@dataclass(frozen=True)
class ExportOptions:
    """How a network is written.

    Attributes:
        opset: one of `OPSETS`.
        precision: one of `TOLERANCES`, of weights and arithmetic; images are float32 in both.

    Raises:
        ConfigError: it is none of them; the message lists them.
    """

    opset: int = BLOCKED_OPSET
    precision: str = "float32"

    def __post_init__(self) -> None:
        for kind, value, valid in (
            ("opset", self.opset, OPSETS),
            ("precision", self.precision, TOLERANCES),
        ):
            if value not in valid:
                raise ConfigError(
                    f"No export in {kind} {value}; valid: {', '.join(map(str, valid))}."
                )


@dataclass(frozen=True)
class ExportReport:
    """Largest absolute difference from torch per checked `(height, width)`; the allowed one."""

    differences: dict[tuple[int, int], float]
    tolerance: float

    @property
    def worst(self) -> float:
        """The largest of all; not a number where one of them is none."""
        return float(np.max(list(self.differences.values())))


def export_onnx(
    model: APANet, path: str | Path, options: ExportOptions | None = None
) -> ExportReport:
    """Write ONNX with inputs and outputs float32 `[1,3,H,W]`, H and W multiples of the network's.

    Args:
        model: the network, in float32; it is left as it is.
        path: the file to write; written aside and renamed after the check.
        options: operator set and precision.

    Raises:
        ApanetError: the folder is missing, or ONNX Runtime's output is not within the tolerance of
            torch's; no file is left.
        BackendError: ONNX Runtime is not installed or does not load, found out before the work.
    """
    import_onnx_runtime()
    path, options = Path(path), options if options is not None else ExportOptions()
    if not path.parent.is_dir():
        raise ApanetError(f"No folder {path.parent}: make it first.")
    model = copy.deepcopy(model).cpu().eval()
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        aside = Path(folder) / path.name
        _write(_prepared(model, options), aside, options)
        report = ExportReport(_differences(model, aside), TOLERANCES[options.precision])
        if not report.worst <= report.tolerance:
            raise ApanetError(
                f"{path} was not written: it differs from torch by {report.worst:.2e}, allowed "
                f"is {report.tolerance:.0e}."
            )
        aside.replace(path)
    return report


def _prepared(model: APANet, options: ExportOptions) -> APANet:
    """Return a copy that is computed as the options want it."""
    prepared = copy.deepcopy(model)
    prepared.skip_negligible_attention()
    return prepared.half() if options.precision == "float16" else prepared


def _write(model: APANet, path: Path, options: ExportOptions) -> None:
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
        opset_version=FUSED_OPSET,
        input_names=["left", "right"],
        output_names=["derained_left", "derained_right"],
        dynamic_shapes=({2: height, 3: width},) * 2,
        verbose=False,
    )
    assert program is not None  # only the old exporter returns nothing
    proto = program.model_proto
    _forget_sources(proto)
    if options.opset == BLOCKED_OPSET:
        block_attention(proto, options.opset)
    for key, value in ((CONFIG_KEY, model.config.to_json()), (PRECISION_KEY, options.precision)):
        entry = proto.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(proto, path)


def _forget_sources(proto: onnx.ModelProto) -> None:
    """Drop the stack traces of this machine that the exporter notes at every node."""
    for part in (*proto.graph.node, *proto.graph.value_info, *proto.graph.initializer):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")


def _differences(model: APANet, path: Path) -> dict[tuple[int, int], float]:
    session = import_onnx_runtime().InferenceSession(path, providers=["CPUExecutionProvider"])
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
    return differences
