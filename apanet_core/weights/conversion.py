"""Released `.pth` files into `.safetensors`, and weights into the user's folder."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from apanet_core.errors import CheckpointError, ConfigError
from apanet_core.output_files import replaced
from apanet_core.weights.description import DESCRIPTION_KEY, card_file
from apanet_core.weights.folders import SUFFIX, TORCH_SUFFIXES, shipped_names, user_folder
from apanet_core.weights.loading import check_loads

LARGEST_HALF = 65504.0

RELEASED_SUFFIX = TORCH_SUFFIXES[0]


def convert_released(source: Path, target: Path, half: bool = False) -> None:
    """Write a released checkpoint as `.safetensors` with its settings in the metadata.

    Args:
        source: a released `.pth`, `.pt` or `.ckpt`. Nothing in it is executed.
        target: the `.safetensors` to write, aside first and then renamed.
        half: store float16, half the size, instead of float32.

    Raises:
        CheckpointError: the source is no released APANet, or its weights do not fit into float16.
        ConfigError: a file has another ending, or the target's folder is missing.
        ModuleNotFoundError: torch is not installed.
    """
    # Here, because all else about weights works where torch is not installed.
    import torch

    from apanet_core.network.checkpoint import load_model, save_model

    _require_suffix(source, RELEASED_SUFFIX)
    _require_suffix(target, SUFFIX)
    if not target.parent.is_dir():
        raise ConfigError(f"No folder {target.parent}: make it first.")
    model = load_model(source)
    largest = max(float(tensor.abs().max()) for tensor in model.state_dict().values())
    if half and largest > LARGEST_HALF:
        raise CheckpointError(
            f"{source} holds {largest:g}, too large for float16: leave out --half."
        )
    metadata = {DESCRIPTION_KEY: f"Converted from the released checkpoint {source.name}."}
    save_model(model, target, torch.float16 if half else torch.float32, metadata)


def import_weights(source: Path, name: str, replace: bool = False) -> Path:
    """Copy an APANet, and the model card beside it, to where `resolve_weights` finds it by name.

    Args:
        source: a `.safetensors` of ours, or a released `.pth`, `.pt` or `.ckpt`, which is
            converted.
        name: letters, digits, `_` and `-`.
        replace: whether to replace weights that were imported under this name.

    Returns:
        The file in the user's folder.

    Raises:
        CheckpointError: the source is missing or no APANet, or the name is taken.
        ConfigError: the name has other characters, or the source another ending.
        ModuleNotFoundError: torch is not installed and the source is a `.pth`.
    """
    if not source.is_file():
        raise CheckpointError(f"No weights {source}: give a .safetensors or released .pth file.")
    _require_suffix(source, SUFFIX, RELEASED_SUFFIX)
    target = _free_target(name, replace)
    if source.suffix.lower() == SUFFIX:
        check_loads(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix.lower() == SUFFIX:
        _copy(source, target)
    else:
        convert_released(source, target)
    _copy_card(source, target)
    return target


def _free_target(name: str, replace: bool) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise ConfigError(
            f"{name!r} is no name for weights: give one of letters, digits, _ and - with --name."
        )
    if name in shipped_names():
        raise CheckpointError(f"{name!r} is shipped and cannot be replaced: give another --name.")
    target = user_folder() / f"{name}{SUFFIX}"
    if target.exists() and not replace:
        raise CheckpointError(
            f"{name!r} is taken by {target}: give another --name, or --replace it."
        )
    return target


def _require_suffix(path: Path, *suffixes: str) -> None:
    """Take the suffixes in any case, and what else torch files end in for `.pth`."""
    taken = {*suffixes, *(TORCH_SUFFIXES if RELEASED_SUFFIX in suffixes else ())}
    if path.suffix.lower() not in taken:
        others = " or ".join(sorted(taken - {*suffixes}))
        alike = f" Files that end in {others} are read as .pth is." if others else ""
        raise ConfigError(f"{path} must end in {' or '.join(suffixes)}.{alike}")


def _copy_card(source: Path, target: Path) -> None:
    if card_file(source).is_file():
        _copy(card_file(source), card_file(target))
    else:
        # That of the weights which were replaced.
        card_file(target).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    with replaced(target) as aside:
        shutil.copyfile(source, aside)
