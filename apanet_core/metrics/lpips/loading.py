"""Which weights make which distance, and where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load
from torch import Tensor

from apanet_core.errors import CheckpointError
from apanet_core.metrics.lpips.distance import Lpips
from apanet_core.metrics.lpips.trunks import CHANNELS, Trunk, alexnet, shift_tolerant_alexnet
from apanet_core.network.foreign import fitting_weights, read_weights

ALEXNET_URL = "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth"
SHIFT_TOLERANT_PACKAGE = "stlpips_pytorch"

# Where the layers of the shift-tolerant trunk stand in its file: in slices.
_SLICES = {0: 1, 5: 2, 9: 3, 11: 4, 13: 5}


def load_lpips(path: Path, device: str | torch.device = "cpu") -> tuple[str, Lpips]:
    """Load a distance and return it after its name.

    Args:
        path: torchvision's AlexNet (`LPIPS`: with the linear layers 0.1 of its authors, which are
            shipped), or `alex_shift_tolerant.pth` of the package stlpips_pytorch (`ST-LPIPS`).
        device: torch device to compute on.

    Raises:
        CheckpointError: the file is missing, damaged or neither; the message names it.
    """
    if not path.is_file():
        raise CheckpointError(f"No LPIPS weights {str(path)!r}: {_remedy()}.")
    try:
        content = read_weights(path)
        if "net.slice1.0.weight" in content:
            return "ST-LPIPS", _shift_tolerant(content, device)
        return "LPIPS", _plain(content, device)
    except CheckpointError as error:
        raise CheckpointError(f"Cannot load LPIPS from {path}, {error}: {_remedy()}.") from error


def cached_alexnet() -> Path | None:
    """Return torchvision's AlexNet where torch keeps what it once downloaded, or `None`."""
    return next(iter(sorted(cache_folder().glob("alexnet-owt-*.pth"))), None)


def cache_folder() -> Path:
    """Return where torch keeps downloaded weights."""
    return Path(torch.hub.get_dir()) / "checkpoints"


def shift_tolerant_file() -> Path:
    """Return the weights that the package stlpips_pytorch carries; the package is not imported.

    Raises:
        CheckpointError: it is not installed.
    """
    found = find_spec(SHIFT_TOLERANT_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise CheckpointError(
            f"The shift-tolerant LPIPS needs weights of the package {SHIFT_TOLERANT_PACKAGE}: "
            f"pip install --no-deps {SHIFT_TOLERANT_PACKAGE}."
        )
    folder = Path(found.submodule_search_locations[0])
    return folder / "weights" / "vST0.0" / "alex_shift_tolerant.pth"


def _plain(content: Mapping[str, Any], device: str | torch.device) -> Lpips:
    trunk = alexnet()
    names = {name: name.replace("layers.", "features.") for name in trunk.state_dict()}
    _fill(trunk, content, names)
    shipped = load((files("apanet_core.metrics.lpips") / "alexnet_linear.safetensors").read_bytes())
    return Lpips(trunk, [shipped[f"layer_{number}"] for number in range(len(CHANNELS))], device)


def _shift_tolerant(content: Mapping[str, Any], device: str | torch.device) -> Lpips:
    trunk = shift_tolerant_alexnet()
    _fill(trunk, content, {name: _sliced(name) for name in trunk.state_dict()})
    expected = {str(number): torch.empty(1, width, 1, 1) for number, width in enumerate(CHANNELS)}
    names = {number: f"lin{number}.model.1.weight" for number in expected}
    linear = fitting_weights(content, names, expected, "ST-LPIPS")
    return Lpips(trunk, [weights.flatten() for weights in linear.values()], device)


def _fill(trunk: Trunk, content: Mapping[str, Any], names: Mapping[str, str]) -> None:
    expected: dict[str, Tensor] = trunk.state_dict()
    trunk.load_state_dict(fitting_weights(content, names, expected, "AlexNet"))


def _sliced(name: str) -> str:
    """Return `net.slice2.5.weight` for `layers.5.weight`."""
    _, number, kind = name.split(".")
    return f"net.slice{_SLICES[int(number)]}.{number}.{kind}"


def _remedy() -> str:
    return (
        f"give torchvision's AlexNet ({ALEXNET_URL}), or shift-tolerant with "
        f"`pip install --no-deps {SHIFT_TOLERANT_PACKAGE}`"
    )
