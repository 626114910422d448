"""The folder of one training: what was run, where, and how it went."""

from __future__ import annotations

import csv
import sys
from datetime import datetime, timezone
from pathlib import Path

import torch
import yaml

from apanet_core.errors import ConfigError
from apanet_core.machine import describe_commit, describe_machine
from apanet_core.output_files import replaced
from apanet_core.training.recipe import Recipe, load_recipe
from apanet_core.training.recipe_difference import differing_settings

RECIPE_FILE = "recipe.yaml"
ENVIRONMENT_FILE = "environment.yaml"
LOG_FILE = "log.csv"
STATE_FILE = "state.pt"
BEST_FILE = "best.safetensors"

FREE_SETTINGS = frozenset({"workers", "checkpoint_every"})
"""May change while a training goes on: they decide nothing that it produces."""


def claim(folder: Path, recipe: Recipe) -> None:
    """Keep the recipe in the folder, or make sure that it is the one already there.

    A recipe with other `FREE_SETTINGS` takes the place of the one there.

    Raises:
        ConfigError: the folder holds the run of another recipe, whose differing settings the
            message names, or a recipe that cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / RECIPE_FILE
    if kept.exists():
        differing = differing_settings(_read_kept(kept), recipe)
        _require_free(differing, folder)
        if not differing:
            return
    with replaced(kept) as aside:
        aside.write_text(recipe.to_yaml(), encoding="utf-8")


def _read_kept(path: Path) -> Recipe:
    try:
        return load_recipe(path)
    except ConfigError as error:
        raise ConfigError(f"{error} Choose another folder.") from error


def _require_free(differing: list[str], folder: Path) -> None:
    fixed = [setting for setting in differing if setting not in FREE_SETTINGS]
    if fixed:
        verb = "differs" if len(fixed) == 1 else "differ"
        raise ConfigError(
            f"{folder} holds the run of another recipe ({', '.join(fixed)} {verb}): choose "
            "another folder."
        )


def note_environment(folder: Path, device: str, processes: int, step: int) -> None:
    """Add to `environment.yaml` with what code and machine the run starts or goes on."""
    path = folder / ENVIRONMENT_FILE
    # An empty file, which a kill or a full disk may leave, is read as None.
    starts = (yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None) or []
    gpu = f" ({torch.cuda.get_device_name(device)})" if device.startswith("cuda") else ""
    starts.append(
        {
            "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "from_step": step,
            "command": " ".join(sys.argv),
            "commit": describe_commit(),
            "machine": describe_machine(),
            "torch": str(torch.__version__),
            "device": device + gpu,
            "processes": processes,
            "threads": torch.get_num_threads(),
        }
    )
    with replaced(path) as aside:
        aside.write_text(yaml.safe_dump(starts, sort_keys=False), encoding="utf-8")


def append_log(folder: Path, row: dict[str, float]) -> None:
    """Add a line to `log.csv`, whose columns are the first row's keys."""
    path = folder / LOG_FILE
    begin = not path.exists() or path.stat().st_size == 0
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        if begin:
            writer.writeheader()
        writer.writerow({key: f"{value:.6g}" for key, value in row.items()})


def forget_after(folder: Path, step: int) -> None:
    """Drop the log's lines of steps after the saved one: those will be trained again."""
    log = folder / LOG_FILE
    if not log.exists():
        return
    # A full disk may have cut the last line short, or left nothing at all.
    lines = [line for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]
    kept = lines[:1] + [line for line in lines[1:] if int(line.partition(",")[0]) <= step]
    with replaced(log) as aside:
        aside.write_text("".join(kept))
