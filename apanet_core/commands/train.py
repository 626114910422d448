"""`apanet train`: train a network, or go on where a training stopped."""

from __future__ import annotations

import argparse
from pathlib import Path

NAME = "train"
HELP = "train a network, supervised or with distillation; resumes"

DESCRIPTION = """\
Train what a recipe says: a YAML file, or one of the shipped ones (tiny, small, paper-stage1,
paper-teacher, paper-stage2, ...). Stop it at any time: the same command goes on from the last
saved state and ends with the same weights. A recipe's folders are below --data. For several
processes, write a recipe whose batches they can divide (docs/training.md).

examples:
  apanet train tiny --data data -o runs/tiny
  apanet train tiny --data data -o runs/more --start-from runs/tiny/best.safetensors
  torchrun --nproc-per-node 4 --no-python apanet train mine.yaml --data data -o runs/mine
  tensorboard --logdir runs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `apanet train`."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("recipe", help="name of a shipped recipe (tiny) or a YAML file")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder that holds the recipe's folders"
    )
    # Not --run: torchrun takes that for the beginning of an option of its own.
    parser.add_argument(
        "-o", "--output", type=Path, required=True, help="folder of the run, made if missing"
    )
    parser.add_argument(
        "--start-from",
        metavar="MODEL",
        help="weights to begin with, of the same or of a smaller network (default: random ones)",
    )
    parser.add_argument(
        "--device",
        default="auto",
        help="auto, cpu, cuda or cuda:N (default auto); by torchrun each process takes its own GPU",
    )


def run(arguments: argparse.Namespace) -> int:
    """Train; returns 0 when the last step is done."""
    from apanet_core.training.load_data import load_training_data
    from apanet_core.training.processes import started_by_torchrun
    from apanet_core.training.recipe import load_recipe
    from apanet_core.training.trainer import Trainer

    recipe = load_recipe(arguments.recipe)
    with started_by_torchrun(arguments.device) as (processes, device):
        data = load_training_data(recipe, arguments.data)
        trainer = Trainer(recipe, arguments.output, data, device, arguments.start_from, processes)
        trainer.run()
        if processes.leads:
            best = arguments.output / "best.safetensors"
            print(f"Best validation {trainer.best_psnr:.2f} dB: {best}")
    return 0
