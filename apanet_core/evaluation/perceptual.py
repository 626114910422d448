"""Whether a perceptual distance is measured as well, which one, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from apanet_core.errors import ApanetError
from apanet_core.evaluation.comparison import Perceptual

AUTO = "auto"
OFF = "off"
SHIFT_TOLERANT = "shift-tolerant"


@dataclass(frozen=True)
class PerceptualMeasure:
    """A distance, or the reason for its absence.

    Attributes:
        title: `LPIPS`, or `ST-LPIPS`, which is another measure.
        distance: `None` where nothing can be measured.
        remark: which weights measure it, or why there are none: one sentence.
    """

    title: str
    distance: Perceptual | None
    remark: str


def choose_perceptual(choice: str, device: str = AUTO) -> PerceptualMeasure:
    """Load what was chosen. Nothing is ever downloaded.

    Args:
        choice: `auto` (LPIPS where torch's cache holds AlexNet), `off`, `shift-tolerant` (the
            weights in the package stlpips_pytorch), or a file as `load_lpips` takes it.
        device: as `StereoDerainer` takes it.

    Raises:
        CheckpointError: what was asked for by name cannot be loaded; `auto` says so in its remark.
        ApanetError: torch is missing, and a distance was asked for by name.
    """
    if choice == OFF:
        return _empty("it was turned off")
    try:
        return _load(choice, device)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        if choice != AUTO:
            raise ApanetError(
                "LPIPS is computed with torch, which is not installed: pip install "
                "'apanet_ros[torch]', or leave --lpips out."
            ) from error
        return _empty("it is computed with torch, which is not installed")


def _load(choice: str, device: str) -> PerceptualMeasure:
    from apanet_core.metrics.lpips.loading import cached_alexnet, shift_tolerant_file

    if choice == SHIFT_TOLERANT:
        return _loaded(shift_tolerant_file(), device)
    if choice != AUTO:
        return _loaded(Path(choice), device)
    cached = cached_alexnet()
    if cached is None:
        return _empty(_not_cached())
    try:
        return _loaded(cached, device)
    except ApanetError as error:
        return _empty(str(error).removesuffix("."))


def _loaded(path: Path, device: str) -> PerceptualMeasure:
    from apanet_core.metrics.lpips.loading import load_lpips
    from apanet_core.runtime.devices import resolve_device
    from apanet_core.weights.hashes import sha256

    title, distance = load_lpips(path, resolve_device(device))
    remark = f"{title} by AlexNet, {path.name} sha256:{sha256(path)[:12]}."
    return PerceptualMeasure(title, distance, remark)


def _not_cached() -> str:
    from apanet_core.metrics.lpips.loading import ALEXNET_URL, cache_folder

    return (
        f"torchvision's AlexNet is not in {cache_folder()}, and nothing is downloaded unasked. "
        f"Get {ALEXNET_URL} and give it as --lpips FILE"
    )


def _empty(reason: str) -> PerceptualMeasure:
    return PerceptualMeasure("LPIPS", None, f"LPIPS is empty: {reason}.")
