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
from apanet_core.training.recipe import Recipe

RECIPE_FILE = "recipe.yaml"
ENVIRONMENT_FILE = "environment.yaml"
LOG_FILE = "log.csv"
STATE_FILE = "state.pt"
BEST_FILE = "best.safetensors"


def claim(folder: Path, recipe: Recipe) -> None:
    """Keep the recipe in the folder, or make sure that it is the one already there.

    Raises:
        ConfigError: the folder holds the run of another recipe.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / RECIPE_FILE
    if kept.exists():
        if kept.read_text(encoding="utf-8") != recipe.to_yaml():
            raise ConfigError(f"{folder} holds the run of another recipe: choose another folder.")
        return
    with replaced(kept) as aside:
        aside.write_text(recipe.to_yaml(), encoding="utf-8")


def note_environment(folder: Path, device: str, processes: int, step: int) -> None:
    """Add to `environment.yaml` with what code and machine the run starts or goes on."""
    path = folder / ENVIRONMENT_FILE
    starts = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else []
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
    begin = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        if begin:
            writer.writeheader()
        writer.writerow({key: f"{value:.6g}" for key, value in row.items()})


def forget_after(folder: Path, step: int) -> None:
    """Drop the log's lines of steps after the saved one: those will be trained again."""
    log = folder / LOG_FILE
    if log.exists():
        header, *lines = log.read_text().splitlines(keepends=True)
        kept = [line for line in lines if int(line.partition(",")[0]) <= step]
        log.write_text("".join([header, *kept]))
