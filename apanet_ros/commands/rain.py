"""`apanet rain`: a rainy pair or a rainy rosbag2 from clean images."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from apanet_core.camera_arguments import add_camera_arguments
from apanet_core.data.stereo_folder import PairFiles, pair_folders
from apanet_core.errors import ConfigError
from apanet_core.imaging.disparity import estimate_disparity
from apanet_core.imaging.files import check_picture_name, write_stored_together
from apanet_core.imaging.white_level import WhiteLevel
from apanet_core.number_arguments import real_number, whole_number
from apanet_core.output_files import refuse_existing, refuse_inputs
from apanet_core.progress import progress
from apanet_core.rain import StereoGeometry, wet_ground
from apanet_core.sequences.disparity_file import find_disparity, read_disparity
from apanet_core.sequences.panning import pan
from apanet_core.sequences.rainy_frames import rain_on
from apanet_core.sequences.stereo_frame import StereoFrame
from apanet_core.time_units import NANOSECONDS

NAME = "rain"
HELP = "make a rainy pair, or a rainy rosbag2, from clean rectified images"

DESCRIPTION = """\
Let it rain on clean rectified stereo images. Streaks lie at depths, so left and right agree.

Two files give a rainy pair of files. Two folders, paired by sorted file name, or a pair with
--pan, give a rosbag2 with rectified images and camera_info for `apanet replay` or `ros2 bag play`.
"""
EPILOG = """\
examples:
  apanet rain left.png right.png -o rainy                rainy/left.png and rainy/right.png
  apanet rain left.png right.png -o l.png r.png --severity violent --seed 7
  apanet rain left/ right/ -o rainy_bag --rate 10        a bag from two folders of images
  apanet rain left.png right.png -o rainy_bag --pan 40   a bag: a window wanders over one pair
  apanet rain left.png right.png -o rainy --severity heavy --wet-ground 0.8
  apanet rain left/ right/ -o rainy_bag --focal-px 994.978 --baseline-m 0.193 --disparity disp/

severities: drizzle, light, moderate, heavy, violent.
Without --disparity the disparity is estimated from the pair. A disparity file holds the left view's
disparity in pixels: .npy, .npz, .pfm, or .png with 16 bits and 256 steps a pixel (KITTI).
Stock Humble plays only sqlite3 bags; ros-humble-rosbag2-storage-mcap teaches it MCAP.
"""
FIRST_STAMP_NS = 1_700_000_000_000_000_000
WINDOW_SHARE = 0.8
WINDOW_MULTIPLE = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet rain`."""
    parser.description = DESCRIPTION
    parser.epilog = EPILOG
    parser.add_argument("left", type=Path, metavar="LEFT", help="left image, or folder of images")
    parser.add_argument("right", type=Path, metavar="RIGHT", help="right image, or folder")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        nargs="+",
        required=True,
        metavar="PATH",
        help="bag folder; for a pair of files a folder, or two file names",
    )
    parser.add_argument("--severity", default="moderate", help="how hard (default: moderate)")
    parser.add_argument(
        "--seed", type=whole_number(0), default=0, help="same seed, same rain (default: 0)"
    )
    parser.add_argument(
        "--disparity", type=Path, metavar="PATH", help="true disparity: file, or folder of files"
    )
    add_camera_arguments(parser)
    parser.add_argument(
        "--wet-ground",
        type=float,
        default=0.0,
        metavar="WETNESS",
        help="wet the level ground first: 0 leaves it dry, 1 soaks it (default: 0)",
    )
    parser.add_argument("--force", action="store_true", help="replace an existing output")
    bag = parser.add_argument_group("bags")
    bag.add_argument(
        "--pan", type=whole_number(1), metavar="N", help="make N pairs by panning over one pair"
    )
    bag.add_argument("--size", metavar="WxH", help="window of --pan (default: 80 %% of the image)")
    bag.add_argument(
        "--rate", type=real_number(0.01, 1000), default=10.0, help="pairs a second (default: 10)"
    )
    bag.add_argument(
        "--format", default="mcap", choices=("mcap", "sqlite3"), help="storage (default: mcap)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Make the pair or the bag and print where it is."""
    if arguments.left.is_dir() and arguments.pan is not None:
        raise ConfigError("--pan needs one pair of image files, not folders.")
    if arguments.left.is_dir() or arguments.pan is not None:
        return _make_bag(arguments)
    return _make_pair(arguments)


def _make_pair(arguments: argparse.Namespace) -> int:
    outputs = _pair_outputs(arguments.output)
    if outputs[0].resolve() == outputs[1].resolve():
        raise ConfigError(f"--output names {outputs[0]} for both images; name two files.")
    for output in outputs:
        refuse_inputs(output, _inputs(arguments))
        check_picture_name(output)
        refuse_existing(output, arguments.force)
    pair, level = PairFiles(arguments.left, arguments.right), WhiteLevel()
    frame = _frame(arguments, FIRST_STAMP_NS, pair, arguments.disparity, level)
    (rainy,) = rain_on([frame], arguments.severity, arguments.seed)
    for output in outputs:
        output.parent.mkdir(parents=True, exist_ok=True)
    views = zip(pair.read_stored(), (rainy.left, rainy.right), strict=True)
    written = [like.shows(view, level) for like, view in views]
    write_stored_together(dict(zip(outputs, written, strict=True)))
    print(f"wrote {outputs[0]} and {outputs[1]}")
    return 0


def _make_bag(arguments: argparse.Namespace) -> int:
    from apanet_ros.bags.stereo_bag import StereoBagWriter
    from apanet_ros.bags.writer import check_bag_target

    bag = _bag_output(arguments.output)
    refuse_inputs(bag, _inputs(arguments))
    check_bag_target(bag, arguments.force)
    count, frames = _panned(arguments) if arguments.pan is not None else _from_folders(arguments)
    rainy = rain_on(frames, arguments.severity, arguments.seed)
    with StereoBagWriter(bag, arguments.format, arguments.force) as writer:
        for frame in progress(rainy, "rain", count, unit="pair"):
            writer.write(frame)
    print(
        f"wrote {count} rainy pairs to {bag}; play them with: apanet replay {shlex.quote(str(bag))}"
    )
    return 0


def _inputs(arguments: argparse.Namespace) -> list[Path]:
    given = (arguments.left, arguments.right, arguments.disparity)
    return [path for path in given if path is not None]


def _panned(arguments: argparse.Namespace) -> tuple[int, Iterator[StereoFrame]]:
    frame = _read_frame(arguments)
    width, height = _window(arguments.size, frame)
    return arguments.pan, pan(frame, arguments.pan, arguments.rate, height, width)


def _from_folders(arguments: argparse.Namespace) -> tuple[int, Iterator[StereoFrame]]:
    pairs, level = pair_folders(arguments.left, arguments.right), WhiteLevel()
    if any(view.alpha is not None for view in pairs[0].read_stored()):
        print("alpha is left out: a bag's images have none", file=sys.stderr)
    folder = arguments.disparity
    disparities = [folder and find_disparity(folder, pair.left.stem) for pair in pairs]

    def frames() -> Iterator[StereoFrame]:
        for number, (pair, disparity) in enumerate(zip(pairs, disparities, strict=True)):
            stamp_ns = FIRST_STAMP_NS + round(number * NANOSECONDS / arguments.rate)
            yield _frame(arguments, stamp_ns, pair, disparity, level)

    return len(pairs), frames()


def _read_frame(arguments: argparse.Namespace) -> StereoFrame:
    pair = PairFiles(arguments.left, arguments.right)
    return _frame(arguments, FIRST_STAMP_NS, pair, arguments.disparity, WhiteLevel())


def _frame(
    arguments: argparse.Namespace,
    stamp_ns: int,
    pair: PairFiles,
    disparity: Path | None,
    level: WhiteLevel,
) -> StereoFrame:
    camera = StereoGeometry(arguments.focal_px, arguments.baseline_m)
    left, right = pair.read_pictures(level)
    known = None if disparity is None else read_disparity(disparity)
    if arguments.wet_ground != 0:
        known = estimate_disparity(left, right) if known is None else known
        left, right = wet_ground(left, right, known, arguments.wet_ground, camera)
    return StereoFrame(stamp_ns, left, right, camera, known)


def _pair_outputs(output: list[Path]) -> tuple[Path, Path]:
    if len(output) == 1:
        if output[0].suffix:
            raise ConfigError(f"--output {output[0]} is one file for two images; name two files.")
        return output[0] / "left.png", output[0] / "right.png"
    if len(output) == 2:
        return output[0], output[1]
    raise ConfigError("--output takes a folder, or two file names.")


def _bag_output(output: list[Path]) -> Path:
    if len(output) != 1:
        raise ConfigError("--output takes one folder when a bag is made.")
    return output[0]


def _window(size: str | None, frame: StereoFrame) -> tuple[int, int]:
    """Return width and height in pixels, of `size` as in "640x480" or 80 % of the frame."""
    if size is None:
        height, width = frame.left.shape[:2]
        return _shrunk(width), _shrunk(height)
    match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", size)
    if match is None:
        raise ConfigError(f"--size is width x height, as in 640x480, not {size}.")
    return int(match[1]), int(match[2])


def _shrunk(side: int) -> int:
    return max(1, int(side * WINDOW_SHARE) // WINDOW_MULTIPLE) * WINDOW_MULTIPLE
