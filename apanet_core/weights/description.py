"""What a weights file says about itself, read without torch."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from apanet_core.errors import CheckpointError, ConfigError
from apanet_core.network.config import CONFIG_KEY, ApanetConfig
from apanet_core.weights.impostors import impostor

DESCRIPTION_KEY = "description"
"""Metadata key of one line that says what the weights are."""

LINE_LENGTH = 72


@dataclass(frozen=True)
class Description:
    """What a `.safetensors` of an APANet says.

    Attributes:
        parameters: how many numbers it holds.
        size_bytes: of the file.
        config: settings of the network.
        metadata: all text in the file but the settings.
    """

    parameters: int
    size_bytes: int
    config: ApanetConfig
    metadata: dict[str, str]


def describe(path: Path) -> Description:
    """Read what a file says about itself; the weights in it are not looked at.

    Raises:
        CheckpointError: it is no whole `.safetensors` of an APANet; the message names it.
    """
    with _opened(path) as file:
        metadata = dict(file.metadata() or {})
        shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118
    if CONFIG_KEY not in metadata:
        raise CheckpointError(
            f"Cannot load {path}: its metadata has no {CONFIG_KEY}, so it is not an APANet."
        )
    try:
        config = ApanetConfig.from_json(metadata.pop(CONFIG_KEY))
    except ConfigError as error:
        raise CheckpointError(f"Cannot load {path}: {error}") from error
    return Description(sum(map(math.prod, shapes)), path.stat().st_size, config, metadata)


def check_values(path: Path) -> None:
    """Read every number of a `.safetensors`; errors as `describe`, or where one is not finite."""
    with _opened(path) as file:
        for name in file.keys():  # noqa: SIM118
            if not np.isfinite(file.get_tensor(name)).all():
                raise CheckpointError(
                    f"Cannot load {path}: tensor {name} holds values that are not finite."
                )


def card_file(path: Path) -> Path:
    """Return where the model card of a weights file lies; there need not be one."""
    return path.with_suffix(".md")


def one_line(path: Path, description: Description) -> str:
    """Return what the weights are: from the file, else its model card, else its settings."""
    card = card_file(path)
    line = description.metadata.get(DESCRIPTION_KEY, "")
    if not line and card.is_file():
        line = _first_sentence(card.read_text(encoding="utf-8"))
    if not line:
        config = description.config
        line = f"An APANet of {len(config.blocks)} levels from {config.width} channels."
    return textwrap.shorten(line, LINE_LENGTH, placeholder=" ...")


def _first_sentence(card: str) -> str:
    """Return what stands below the headings up to a full stop or colon."""
    text = " ".join(line for line in card.splitlines() if not line.startswith("#"))
    return re.split(r"[.:]\s", " ".join(text.split()) + " ", maxsplit=1)[0].strip() + "."


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    if found := impostor(path):
        raise CheckpointError(f"Cannot load {path}: {found}.")
    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    # A TypeError: NumPy knows no bfloat16.
    except (SafetensorError, OSError, TypeError) as error:
        raise CheckpointError(
            f"Cannot load {path}: it is no whole safetensors file ({error})."
        ) from error
