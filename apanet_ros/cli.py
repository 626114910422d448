"""`apanet`, the command line: finds the subcommand, and turns errors into one line."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn, Protocol, cast

from apanet_core.error_sentences import how_to_install, what_was_refused
from apanet_core.errors import ApanetError

COMMAND_MODULES = (
    "apanet_ros.commands.check_bag",
    "apanet_ros.commands.demo",
    "apanet_ros.commands.derain",
    "apanet_ros.commands.load_test",
    "apanet_ros.commands.plot_latency",
    "apanet_ros.commands.rain",
    "apanet_ros.commands.replay",
    "apanet_ros.commands.view",
    "apanet_core.commands.train",
    "apanet_core.commands.evaluate",
    "apanet_core.commands.downstream",
    "apanet_core.commands.export",
    "apanet_core.commands.bench",
    "apanet_core.commands.weights",
    "apanet_core.commands.rain_statistics",
)

EPILOG = """\
examples:
  apanet demo                                   a real scene in rain, through the real node
  apanet rain left.png right.png -o rainy       a rainy pair from a clean one
  apanet rain left/ right/ -o rainy_bag         a rainy rosbag2 from two folders of images
  apanet replay rainy_bag --rate 0.5 --clock    publish a bag's messages at half speed
  apanet export tiny -o tiny.onnx               a network for robots without torch

`apanet COMMAND --help` explains a command and its options.
"""


class Command(Protocol):
    """What a module of a subcommand holds."""

    NAME: str
    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code.

    0 is success, 2 a wrong argument or input (one line on stderr), 130 Ctrl-C, 143 SIGTERM.
    """
    arguments = build_parser().parse_args(argv)
    command = cast("Command", arguments.command)
    try:
        with _termination_unwinds():
            return command.run(arguments)
    except ApanetError as error:
        return _complain(str(error))
    except ModuleNotFoundError as error:
        return _complain(how_to_install(error))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # Who reads our output, `head` for example, has seen enough. Python still wants to flush it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        return _complain(what_was_refused(error))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of `apanet` with every subcommand in it."""
    parser = argparse.ArgumentParser(
        prog="apanet",
        description="Stereo deraining with APANet: see it, make rain and bags, train networks.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"apanet {_version()}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in COMMAND_MODULES:
        _add_command(subparsers, cast("Command", importlib.import_module(name)))
    return parser


def _add_command(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser], command: Command
) -> None:
    parser = subparsers.add_parser(
        command.NAME, help=command.HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.description = parser.description or command.HELP
    command.add_arguments(parser)
    parser.set_defaults(command=command)


def _version() -> str:
    try:
        return importlib.metadata.version("apanet_ros")
    except importlib.metadata.PackageNotFoundError:
        return "(run from source, not installed)"


def _complain(sentence: str) -> int:
    print(f"apanet: error: {sentence}", file=sys.stderr)
    return 2


@contextmanager
def _termination_unwinds() -> Iterator[None]:
    """Let SIGTERM unwind the stack, so that half-written files and child processes go."""
    before = signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit(signal_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + signal_number)


if __name__ == "__main__":
    sys.exit(main())
