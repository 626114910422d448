"""`apanet export`: write a network as ONNX, for machines without torch."""

from __future__ import annotations

import argparse
from pathlib import Path

from apanet_core.errors import ApanetError

NAME = "export"
HELP = "write a network as ONNX, checked against torch, for machines without torch"

DESCRIPTION = """\
Write a network as ONNX (float32, any image size). The file is kept only if ONNX Runtime computes
the same as torch. Needs torch and the packages of the extra `export`; what it writes needs only
ONNX Runtime 1.23 or newer.

example:
  apanet export tiny -o tiny.onnx
  ros2 launch apanet_ros derain.launch.py model:=$PWD/tiny.onnx
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet export`."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("model", help="shipped name, .safetensors or released .pth")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the .onnx file to write")


def run(arguments: argparse.Namespace) -> int:
    """Export; returns 0 when the file is written."""
    from apanet_core.export.onnx_export import export_onnx
    from apanet_core.network.checkpoint import load_model

    if arguments.output.suffix != ".onnx":
        raise ApanetError(f"{arguments.output} must end in .onnx.")
    report = export_onnx(load_model(arguments.model), arguments.output)
    for (height, width), difference in report.differences.items():
        print(f"{width} x {height}: differs from torch by {difference:.1e} at most")
    print(f"Wrote {arguments.output}.")
    return 0
