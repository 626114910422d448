"""`apanet bench`: how long networks take, and how much memory."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from apanet_core.errors import ApanetError, ConfigError
from apanet_core.number_arguments import whole_number
from apanet_core.plot_file import check_plot_name

if TYPE_CHECKING:
    from apanet_core.benchmark.case import Case

NAME = "bench"
HELP = "measure time and memory per pair, stage by stage"

DESCRIPTION = """\
Derain pictures of noise and print, per model and size, the time from bytes to bytes (median, 95th
and 99th percentile) and of each stage, and the memory that deraining takes beside its estimate.
Each is measured in a process of its own, after a warm-up. `paper` is the paper's network with
random weights; --released adds every network as the released code computes it, to compare with;
--roofline says what the device's bandwidth and rate of operations, measured here, would allow.

examples:
  apanet bench tiny small
  apanet bench paper --released --size 376x1248 --repeat 3
  apanet bench tiny --precision float32 bfloat16 --roofline
  apanet bench tiny tiny.onnx -o today.json --plot today.png --compare yesterday.json
"""

SIZES = ("192x640", "376x1248", "720x1280")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet bench`."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "models", nargs="+", metavar="MODEL", help="name, .safetensors, .pth, .onnx, or `paper`"
    )
    parser.add_argument(
        "--size",
        action="append",
        metavar="HxW",
        help=f"of the pictures, again for several (default {' '.join(SIZES)})",
    )
    parser.add_argument("--released", action="store_true", help="the released formulation as well")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default auto)")
    for option, default, text in (
        ("--precision", "auto", "one or more of auto, float32, bfloat16, float16 (default auto)"),
        ("--backend", "auto", "one or more of auto, torch, onnx (default auto)"),
        ("--provider", "auto", "of ONNX Runtime: one or more of auto, cuda, tensorrt, cpu"),
        ("--acceleration", "none", "of torch: one or more of auto, none, graph, compile"),
    ):
        parser.add_argument(option, nargs="+", default=[default], help=text)
    parser.add_argument("--roofline", action="store_true", help="what the device would allow")
    parser.add_argument(
        "--threads", type=whole_number(0), default=0, help="of the CPU (default: all)"
    )
    parser.add_argument(
        "--warm-up", type=whole_number(0), default=2, help="pairs before (default 2)"
    )
    parser.add_argument(
        "--repeat", type=whole_number(1), default=10, help="pairs that count (default 10)"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.json", help="keep the results")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="draw time against pixels")
    parser.add_argument("--compare", type=Path, metavar="FILE.json", help="with an earlier -o")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; returns 0 when every case was measured, 1 when some could not be."""
    if arguments.plot is not None:
        check_plot_name(arguments.plot)

    from apanet_core.benchmark.case import Result, measure_alone
    from apanet_core.benchmark.report import Report, load_report, save_report, table
    from apanet_core.machine import describe_commit, describe_machine
    from apanet_core.progress import progress

    earlier = load_report(arguments.compare) if arguments.compare else None
    cases = _cases(arguments)
    results: list[Result] = []
    failures: list[str] = []
    for case in progress(cases, "bench", unit="case"):
        try:
            results.append(measure_alone(case))
        except ApanetError as error:
            failures.append(str(error))
    report = Report(describe_machine(), describe_commit(), tuple(results))
    print(f"{report.machine}, commit {report.commit}\n")
    print(table(results, earlier.results if earlier else ()))
    print("".join(f"\nnot measured: {failure}" for failure in failures))
    if arguments.output:
        save_report(report, arguments.output)
    if arguments.plot and results:
        from apanet_core.benchmark.plot import plot_times

        plot_times(results, arguments.plot)
    return 1 if failures else 0


def _cases(arguments: argparse.Namespace) -> list[Case]:
    """Return every size with every model in every way, each beside its released formulation."""
    from apanet_core.benchmark.case import Case

    names = ("device", "threads", "warm_up", "repeat", "roofline")
    shared = {name: getattr(arguments, name) for name in names}
    ways = ("backend", "precision", "provider", "acceleration")
    sizes = [parse_size(text) for text in arguments.size or SIZES]
    return [
        dataclasses.replace(case, released=released)
        for (height, width), model in itertools.product(sizes, arguments.models)
        for way in itertools.product(*(getattr(arguments, name) for name in ways))
        for case in [Case(model, height, width, **shared, **dict(zip(ways, way, strict=True)))]
        for released in ((False, True) if arguments.released else (False,))
    ]


def parse_size(text: str) -> tuple[int, int]:
    """Return height and width of `HxW`.

    Raises:
        ConfigError: it is none.
    """
    height, _, width = text.partition("x")
    if not (height.isdigit() and width.isdigit() and int(height) and int(width)):
        raise ConfigError(f"A size is written HxW in pixels, as 376x1248; got {text!r}.")
    return int(height), int(width)
