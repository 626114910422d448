"""The one entry to deraining, for the node, the command line and your own code."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from apanet_core.errors import ConfigError, ImageError
from apanet_core.imaging.types import AnyPicture, Picture
from apanet_core.imaging.white_level import WhiteLevel
from apanet_core.network.config import MINIMUM_SIDE
from apanet_core.runtime.backend import Backend, Mark, unmarked
from apanet_core.runtime.bands import derain_in_bands
from apanet_core.runtime.loading import load_backend
from apanet_core.runtime.memory import free_memory, is_out_of_memory, release_memory
from apanet_core.runtime.memory_plan import fitting_bands, mebibytes
from apanet_core.runtime.options import AUTO, RuntimeOptions

MOST_BANDS = 16
"""Bands beyond which a picture is given up for want of memory."""

_log = logging.getLogger(__name__)


class StereoDerainer:
    """Derain rectified stereo pairs.

    Args:
        source: name of shipped weights (`"tiny"`), or path of a `.safetensors`, a released `.pth`
            or an exported `.onnx`. Only the last needs no torch. Or a backend already loaded.
        device, tiled, backend, precision, threads, provider, acceleration: as `RuntimeOptions`
            explains them.
        spare_memory: whether memory that runs out is answered here, with a warning, by deraining
            pictures of that size in bands from then on. If not, the error is the caller's.
        veil_removal: see below.
        bits: in use, of uint16 views: 8 to 16. 0 finds them for each pair, for both views alike:
            the least of 8, 10, 12, 14 and 16 that hold the largest value.

    Attributes:
        veil_removal: how much of the veil goes, 0 to 1, and may change from pair to pair. At 1
            pictures come out as the network was trained; at 0 streaks and drops go, and the
            brightness field stays the input's.
        device: where it computes, for example `cpu` or `cuda:0`.
        description: one line that says what was loaded and what runs it.

    Raises:
        CheckpointError: the weights are unknown, missing, damaged or foreign.
        BackendError: the backend, precision or device is unknown or not available here.
        ConfigError: veil_removal is out of range, or below 1 where the weights do not separate
            the veil, as the paper's do not.
    """

    def __init__(
        self,
        source: str | Path | Backend,
        device: str = AUTO,
        tiled: bool = False,
        *,
        backend: str = AUTO,
        precision: str = AUTO,
        threads: int = 0,
        provider: str = AUTO,
        acceleration: str = AUTO,
        spare_memory: bool = True,
        veil_removal: float = 1.0,
        bits: int = 0,
    ) -> None:
        if isinstance(source, (str, Path)):
            options = RuntimeOptions(
                backend, device, precision, threads, tiled, provider, acceleration
            )
            self._backend, name = load_backend(source, options), f"{source} "
        else:
            self._backend, name = source, ""
        self._most_bands = MOST_BANDS if spare_memory else 1
        self._bands: dict[tuple[int, int], int] = {}
        self._bits = bits
        self.device = self._backend.device
        self.description = f"{name}({self._backend.description}) on {self.device}"
        self.veil_removal = veil_removal

    @property
    def veil_removal(self) -> float:
        """How much of the veil goes, 0 to 1."""
        return self._veil_removal

    @veil_removal.setter
    def veil_removal(self, share: float) -> None:
        if not 0 <= share <= 1:
            raise ConfigError(f"veil_removal must be from 0 to 1, got {share}.")
        if share != 1 and not self._backend.separates_veil:
            raise ConfigError(
                f"veil_removal {share:g} needs weights that separate the veil from what falls, "
                f"such as tiny by torch, and {self.description} does not: set it to 1."
            )
        self._veil_removal = float(share)

    def derain(
        self, left: AnyPicture, right: AnyPicture, mark: Mark = unmarked
    ) -> tuple[AnyPicture, AnyPicture]:
        """Return the derained pair.

        Args:
            left, right: uint8 or uint16 RGB `[H,W,3]`, rectified, one size, any size. White is 255
                in uint8, and the largest value of the bits in use in uint16.
            mark: is told when each stage ends: `pad`, the backend's, and `crop`.

        Returns:
            New arrays of the same shape, type and range.

        Raises:
            ImageError: the views are no uint8 or uint16 `[H,W,3]`, are empty or differ in size or
                type.
            OutOfMemoryError: they take more memory than a CPU has free, in bands as well.
        """
        _check(left, right)
        if left.dtype == np.uint8:
            return self._derain_pictures(left, right, mark)
        level = WhiteLevel(self._bits)
        full_left, full_right = level.pictures((left, right))
        derained = self._derain_pictures(full_left, full_right, mark)
        left, right = (cast("AnyPicture", level.samples(view, np.uint16)) for view in derained)
        return left, right

    def _derain_pictures(
        self, left: AnyPicture, right: AnyPicture, mark: Mark
    ) -> tuple[AnyPicture, AnyPicture]:
        """Derain pictures of full range, in as many bands as memory asks for."""
        size = left.shape[0], left.shape[1]
        if size not in self._bands:
            self._bands[size] = self._fitting_bands(*size)
        while True:
            bands = self._bands[size]
            try:
                if bands == 1:
                    return self._derain_whole(left, right, mark)
                return derain_in_bands(self._derain_whole, left, right, bands)
            except Exception as error:  # of whatever library the backend uses
                if not is_out_of_memory(error) or bands >= self._most_bands:
                    raise
            self._cut_finer(size, 2 * bands)

    def working_bytes(self, height: int, width: int) -> int:
        """Estimate the memory that deraining a pair of this size adds on the device."""
        return self._backend.working_bytes(height, width)

    def _fitting_bands(self, height: int, width: int) -> int:
        """Return in how many bands to begin with pictures of a size."""
        if self.device != "cpu":
            return 1
        bands = fitting_bands(self._padded_bytes, height, width, self._most_bands)
        if bands > 1:
            _log.warning(
                "A pair of %d x %d takes about %s at once, and %s are free: pictures of this size "
                "are derained in %d bands, which takes longer.",
                width,
                height,
                mebibytes(self._padded_bytes(height, width)),
                mebibytes(free_memory()),
                bands,
            )
        return bands

    def _cut_finer(self, size: tuple[int, int], bands: int) -> None:
        """From now on derain pictures of a size in so many bands."""
        release_memory()
        if self._bands[size] == 1:
            estimate = self._backend.working_bytes(*size) / 2**20
            _log.warning(
                "Out of memory at %d x %d, which takes about %.0f MiB on %s: pictures of this size "
                "are derained in bands from now on, which takes longer.",
                *reversed(size),
                estimate,
                self.device,
            )
        self._bands[size] = bands

    def _derain_whole(
        self, left: AnyPicture, right: AnyPicture, mark: Mark = unmarked
    ) -> tuple[AnyPicture, AnyPicture]:
        height, width = left.shape[:2]
        padded = self._padded(left), self._padded(right)
        mark("pad")
        outputs = self._backend.derain(*padded, mark, self.veil_removal)
        left, right = (
            cast("AnyPicture", np.ascontiguousarray(output[:height, :width])) for output in outputs
        )
        mark("crop")
        return left, right

    def warm_up(self, height: int, width: int) -> float:
        """Run a pair of this size twice and return the seconds that the second one took."""
        noise = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), np.uint8)
        self.derain(*noise)
        start = time.perf_counter()
        self.derain(*noise)
        return time.perf_counter() - start

    def _padded_bytes(self, height: int, width: int) -> int:
        return self._backend.working_bytes(*self._padded_size(height, width))

    def _padded_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the height and width that the backend takes a picture at."""
        multiple = self._backend.multiple
        height, width = max(height, MINIMUM_SIDE), max(width, MINIMUM_SIDE)
        return height + -height % multiple, width + -width % multiple

    def _padded(self, image: AnyPicture) -> AnyPicture:
        """Reflect the image at its bottom and right until the backend takes its size."""
        height, width = self._padded_size(*image.shape[:2])
        bottom, right = height - image.shape[0], width - image.shape[1]
        if not bottom and not right:
            return image
        padded = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REFLECT_101)
        return cast("AnyPicture", np.asarray(padded))


def _check(left: Picture, right: Picture) -> None:
    for name, view in (("left", left), ("right", right)):
        if not isinstance(view, np.ndarray):
            raise ImageError(
                f"The {name} view must be uint8 RGB [H,W,3], got {_kind(view)}: give a NumPy array."
            )
        known = view.dtype in (np.uint8, np.uint16)
        if not known or view.ndim != 3 or view.shape[2] != 3 or not view.size:
            raise ImageError(
                f"The {name} view must be uint8 RGB [H,W,3], got {view.dtype} {view.shape}; "
                "uint16 is taken as well."
            )
    if left.dtype != right.dtype:
        raise ImageError(f"The views differ in type: left {left.dtype}, right {right.dtype}.")
    if left.shape != right.shape:
        raise ImageError(
            f"The views differ in size: left {left.shape[1]} x {left.shape[0]}, "
            f"right {right.shape[1]} x {right.shape[0]}."
        )


def _kind(view: object) -> str:
    """Name what was given; of a picture of Pillow, Pillow as well."""
    kind = type(view)
    package = kind.__module__.partition(".")[0]
    origin = "" if package == "builtins" else f"{package}."
    return "None" if view is None else f"{origin}{kind.__name__}"
