"""`apanet export`: write a network as ONNX, for machines without torch."""

from __future__ import annotations

import argparse
from pathlib import Path

from apanet_core.errors import ApanetError

NAME = "export"
HELP = "write a network as ONNX, checked against torch, for machines without torch"

DESCRIPTION = """\
Write a network as ONNX, for any image size. The file is kept only if ONNX Runtime computes the same
as torch on several sizes. Needs torch and the packages of the extra `export`; what it writes needs
only ONNX Runtime. Operator set 20 runs in most versions and is the one for CPUs; 23 holds the
`Attention` operator, for CUDA in versions that fuse it (docs/performance.md).

examples:
  apanet export tiny -o tiny.onnx
  apanet export tiny -o tiny.onnx --precision float16 --opset 23
  ros2 launch apanet_ros derain.launch.py model:=$PWD/tiny.onnx
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet export`."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("model", help="shipped name, .safetensors or released .pth")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the .onnx file to write")
    parser.add_argument("--opset", type=int, default=20, help="operator set: 20 or 23 (default 20)")
    parser.add_argument(
        "--precision", default="float32", help="float32 or float16 (default float32)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Export; returns 0 when the file is written."""
    from apanet_core.export.onnx_export import ExportOptions, export_onnx
    from apanet_core.network.checkpoint import load_model

    if arguments.output.suffix != ".onnx":
        raise ApanetError(f"{arguments.output} must end in .onnx.")
    options = ExportOptions(arguments.opset, arguments.precision)
    report = export_onnx(load_model(arguments.model), arguments.output, options)
    for (height, width), difference in report.differences.items():
        print(
            f"{width} x {height}: differs from torch by {difference:.1e} at most, allowed is "
            f"{report.tolerance:.0e}"
        )
    print(f"Wrote {arguments.output}.")
    return 0
