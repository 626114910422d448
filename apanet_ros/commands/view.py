"""`apanet view`: rainy beside derained, as a page, a bag for Foxglove or an animation."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from apanet_core.errors import ConfigError
from apanet_core.number_arguments import whole_number
from apanet_core.output_files import refuse_existing, refuse_inputs
from apanet_core.streaming.pairing import Side
from apanet_ros.side_by_side_argument import add_side_by_side, check_side_by_side

if TYPE_CHECKING:
    from apanet_core.evaluation.derain import Derain
    from apanet_ros.bag_view.seen_pairs import SeenPairs
    from apanet_ros.bag_view.view_topics import Names

NAME = "view"
HELP = "look at a recording or at live topics: rainy beside derained"

DESCRIPTION = """\
Show rainy beside derained images, and how long the node took for them. INPUT is one of

  BAG                 a rosbag2 with rainy and derained images, or only rainy ones: these are
                      then derained on the way, with --model
  RAINY DERAINED      two bags, before and after
  NAMESPACE           live topics of a camera, as /stereo: recorded for --seconds first
  LEFT RIGHT          live image topics by name

What comes out is told by the ending of OUTPUT:

  look.html           a page with sliders between rainy and derained, and the node's times
  look                a folder: a rosbag2 in MCAP of JPEGs (rainy, derained, side by side) with the
                      node's diagnostics and latency, and foxglove_layout.json to open it with
  look.webp, look.gif an animation that wipes the rain off; WebP is smaller and has all colours
"""
EPILOG = """\
examples:
  apanet view derained_bag -o look.html
  apanet view rainy_bag derained_bag -o look
  apanet view rainy_bag -o before_after.webp --count 40
  apanet view /stereo --seconds 5 -o live.html
"""
PAGE = ".html"
DEFAULT_COUNT = {PAGE: 6, ".webp": 40, ".gif": 40, "": 0}
"""How many pairs, by ending; 0 is all of them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet view`."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="see above")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUTPUT")
    parser.add_argument(
        "--count",
        type=whole_number(0),
        metavar="N",
        help="pairs to show, spread over the recording; 0 is all (default: 6 on a page, 40 in an "
        "animation, all in a folder)",
    )
    parser.add_argument("--side", choices=("left", "right"), default="left", help="(default: left)")
    parser.add_argument(
        "--topics", nargs=2, metavar=("LEFT", "RIGHT"), help="rainy image topics (default: found)"
    )
    add_side_by_side(parser)
    parser.add_argument(
        "--derained",
        nargs=2,
        metavar=("LEFT", "RIGHT"),
        help="derained image topics (default: as the node names them)",
    )
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="how long to record live topics (default: 10)"
    )
    parser.add_argument(
        "--model",
        default="tiny",
        help="where nobody derained: shipped weights by name, or a file (default: tiny)",
    )
    parser.add_argument(
        "--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)"
    )
    parser.add_argument(
        "--width", type=whole_number(16), default=560, help="of an animation (default: 560 px)"
    )
    parser.add_argument(
        "--quality",
        type=whole_number(1, 100),
        default=70,
        help="of a WebP animation, 1 to 100 (default: 70)",
    )
    parser.add_argument("--force", action="store_true", help="replace an existing output")


def run(arguments: argparse.Namespace) -> int:
    """Write the view and print where it is."""
    _check(arguments)
    if not _is_live(arguments.inputs):
        refuse_inputs(arguments.output, map(Path, arguments.inputs))
    refuse_existing(arguments.output, arguments.force)
    with _bags(arguments) as (bags, names, derained):
        _view(arguments, bags, names, derained)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if arguments.output.suffix.lower() not in DEFAULT_COUNT:
        raise ConfigError(
            f"{arguments.output} names no view: end it in .html, .webp or .gif, or in nothing for "
            "a folder that Foxglove opens."
        )
    if len(arguments.inputs) > 2:
        raise ConfigError("Give one bag, a rainy and a derained bag, or live topics.")
    check_side_by_side(arguments.side_by_side, topics=arguments.topics)
    if arguments.side_by_side and _is_live(arguments.inputs):
        raise ConfigError("--side-by-side is for bags: record the topic first.")
    if not arguments.seconds > 0:
        raise ConfigError(f"--seconds must be positive, got {arguments.seconds:g}.")


@contextmanager
def _bags(
    arguments: argparse.Namespace,
) -> Iterator[tuple[list[Path], Names | None, Names | None]]:
    """Yield the bags and the topics that were named, live ones recorded."""
    names = tuple(arguments.topics) if arguments.topics else None
    derained = tuple(arguments.derained) if arguments.derained else None
    if not _is_live(arguments.inputs):
        yield [Path(word) for word in arguments.inputs], names, derained
        return

    from apanet_ros.bag_view.live import record_live, topic_names

    with tempfile.TemporaryDirectory(prefix="apanet_view_") as folder:
        bag = Path(folder) / "live"
        found = record_live(topic_names(arguments.inputs), derained, arguments.seconds, bag)
        yield [bag], found.rainy, found.derained


def _is_live(words: Sequence[str]) -> bool:
    return all(word.startswith("/") and not Path(word).exists() for word in words)


def _view(
    arguments: argparse.Namespace,
    bags: Sequence[Path],
    names: Names | None,
    derained: Names | None,
) -> None:
    from apanet_ros.bag_view.seen_pairs import open_pairs, spread

    def load_derainer() -> Derain:
        from apanet_core.recordings.job import derainer_of

        return derainer_of(arguments.model, arguments.device).derain

    side = Side(arguments.side)
    with open_pairs(bags, side, names, derained, load_derainer, arguments.side_by_side) as pairs:
        count = arguments.count
        if count is None:
            count = DEFAULT_COUNT[arguments.output.suffix.lower()]
        numbers = spread(len(pairs.stamps), count)
        shown = _write(arguments, bags, pairs, numbers)
    rainy, derained_topic = pairs.topics
    print(f"{arguments.output}: {shown} of {len(pairs.stamps)} pairs; {rainy}, {derained_topic}")


def _write(
    arguments: argparse.Namespace, bags: Sequence[Path], pairs: SeenPairs, numbers: list[int]
) -> int:
    ending, output = arguments.output.suffix.lower(), arguments.output
    if ending not in ("", PAGE):
        return _write_animation(arguments, pairs, numbers)

    from apanet_ros.bags.reader import BagReader

    # What the node says of itself was recorded with its outputs.
    with BagReader(bags[-1]) as node:
        if ending == PAGE:
            from apanet_ros.bag_view.latency import read_node_record
            from apanet_ros.bag_view.page import write_page

            title = f"Rainy and derained: {' '.join(arguments.inputs)}"
            return write_page(pairs, numbers, read_node_record(node), title, output)

        from apanet_ros.bag_view.mcap import write_mcap

        return write_mcap(pairs, numbers, node, output, arguments.force)


def _write_animation(arguments: argparse.Namespace, pairs: SeenPairs, numbers: list[int]) -> int:
    from apanet_core.progress import progress
    from apanet_core.recordings.animation import AnimationOptions, write_animation

    seen = progress(pairs.pairs(numbers), "view", len(numbers), unit="pair")
    options = AnimationOptions(arguments.width, quality=arguments.quality)
    pictures = ((pair.rainy, pair.derained) for pair in seen)
    return write_animation(pictures, len(numbers), arguments.output, options, arguments.force)
