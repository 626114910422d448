"""What a killed training needs to go on as if nothing had happened."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch

from apanet_core.errors import CheckpointError
from apanet_core.output_files import replaced
from apanet_core.training.run_folder import STATE_FILE

FORMAT = 3
"""Counts what the state holds; another version's is refused, not guessed at."""


def save_state(folder: Path, state: dict[str, Any]) -> None:
    """Write the training state aside, then rename it over the last good one.

    Raises:
        OSError: the disk is full, for example; the last good state stays.
    """
    # Into memory first: on a full disk torch complains of a position in its file, not of the disk.
    content = io.BytesIO()
    torch.save({"format": FORMAT, **state}, content)
    with replaced(folder / STATE_FILE) as aside:
        aside.write_bytes(content.getbuffer())


def load_state(folder: Path) -> dict[str, Any] | None:
    """Return the last saved training state, or `None` if the folder has none.

    Raises:
        CheckpointError: the file is damaged or of another version; the message says what to do.
    """
    path = folder / STATE_FILE
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    # A damaged pickle can end in any error at all.
    except Exception as error:
        raise CheckpointError(
            f"{path} is damaged: move it away to start this training anew."
        ) from error
    if state.get("format") != FORMAT:
        raise CheckpointError(
            f"{path} was written by another version of this package: go on with that one, or move "
            "it away to start this training anew."
        )
    return state
