"""`apanet train`: train a network, or go on where a training stopped."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")

NAME = "train"
HELP = "train a network on clean stereo pairs, with rain rendered on the fly; resumes"

DESCRIPTION = """\
Train a recipe on a folder of clean, rectified pairs (left/ and right/, paired by name). Rain is
rendered on them while training. Stop it at any time: the same command goes on from the last
saved state and ends with the same weights.

example:
  apanet train tiny --train kitti/train --validate kitti/val --run runs/tiny
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet train`."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("recipe", help="name of a shipped recipe (tiny) or a YAML file")
    parser.add_argument("--train", type=Path, required=True, help="folder with left/ and right/")
    parser.add_argument(
        "--validate",
        type=Path,
        required=True,
        help="folder of pairs from other places, to choose the best weights by",
    )
    parser.add_argument(
        "--single",
        type=Path,
        help="folder of single pictures to train on as well, seen as walls on the ground",
    )
    parser.add_argument(
        "--start-from", metavar="MODEL", help="weights to begin with (default: random ones)"
    )
    parser.add_argument("--run", type=Path, required=True, help="run folder, made if missing")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default auto)")


def run(arguments: argparse.Namespace) -> int:
    """Train; returns 0 when the last step is done."""
    from apanet_core.data.plane_scene import load_plane_scenes
    from apanet_core.data.scene import load_scene
    from apanet_core.data.stereo_folder import stereo_folder
    from apanet_core.runtime.devices import resolve_device
    from apanet_core.training.recipe import load_recipe
    from apanet_core.training.trainer import Trainer

    recipe = load_recipe(arguments.recipe)
    device = resolve_device(arguments.device)
    train = stereo_folder(arguments.train)
    validate = evenly_spread(stereo_folder(arguments.validate), recipe.validation_scenes)
    single = load_plane_scenes(arguments.single, recipe.seed) if arguments.single else []
    scenes = [load_scene(pair) for pair in tqdm(train + validate, desc="load", unit="pair")]
    trainer = Trainer(
        recipe,
        arguments.run,
        scenes[: len(train)] + single,
        scenes[len(train) :],
        device,
        arguments.start_from,
    )
    trainer.run()
    print(f"Best validation {trainer.best_psnr:.2f} dB: {arguments.run / 'best.safetensors'}")
    return 0


def evenly_spread(items: list[Item], count: int) -> list[Item]:
    """Return up to `count` items, evenly spread over the list."""
    count = min(count, len(items))
    return [items[number * len(items) // count] for number in range(count)]
