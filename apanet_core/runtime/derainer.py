"""The one entry to deraining, for the node, the command line and your own code."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np

from apanet_core.errors import BackendError, ImageError
from apanet_core.imaging.types import ByteImage
from apanet_core.network.config import MINIMUM_SIDE
from apanet_core.runtime.backend import Backend, Mark, unmarked
from apanet_core.weights import resolve_weights


class StereoDerainer:
    """Derain rectified stereo pairs.

    Args:
        source: name of shipped weights (`"tiny"`), or path of a `.safetensors`, a released `.pth`
            or an exported `.onnx`. Only the last needs no torch. Or a backend already loaded.
        device: `auto` (the GPU where there is one), `cpu`, `cuda` or `cuda:N`.
        tiled: cut pictures as the paper's evaluation does, rather than derain them whole; not with
            `.onnx`.

    Attributes:
        device: where it computes, for example `cpu` or `cuda:0`.
        description: one line that says what was loaded and what runs it.

    Raises:
        CheckpointError: the weights are unknown, missing, damaged or foreign.
        BackendError: the device or the library is not available here.
    """

    def __init__(
        self, source: str | Path | Backend, device: str = "auto", tiled: bool = False
    ) -> None:
        if isinstance(source, (str, Path)):
            self._backend, name = _load_backend(source, device, tiled), f"{source} "
        else:
            self._backend, name = source, ""
        self.device = self._backend.device
        self.description = f"{name}({self._backend.description}) on {self.device}"

    def derain(
        self, left: ByteImage, right: ByteImage, mark: Mark = unmarked
    ) -> tuple[ByteImage, ByteImage]:
        """Return the derained pair.

        Args:
            left, right: uint8 RGB `[H,W,3]`, rectified, one size, any size.
            mark: is told when each stage ends: `pad`, the backend's, and `crop`.

        Returns:
            New arrays of the same shape and type.

        Raises:
            ImageError: the views are no uint8 `[H,W,3]`, are empty or differ in size.
        """
        _check(left, right)
        height, width = left.shape[:2]
        padded = self._padded(left), self._padded(right)
        mark("pad")
        outputs = self._backend.derain(*padded, mark)
        left, right = (np.ascontiguousarray(output[:height, :width]) for output in outputs)
        mark("crop")
        return left, right

    def warm_up(self, height: int, width: int) -> float:
        """Run a pair of this size twice and return the seconds that the second one took."""
        noise = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), np.uint8)
        self.derain(*noise)
        start = time.perf_counter()
        self.derain(*noise)
        return time.perf_counter() - start

    def _padded(self, image: ByteImage) -> ByteImage:
        """Reflect the image at its bottom and right until the backend takes its size."""
        multiple = self._backend.multiple
        height, width = (max(side, MINIMUM_SIDE) for side in image.shape[:2])
        bottom = height + -height % multiple - image.shape[0]
        right = width + -width % multiple - image.shape[1]
        if not bottom and not right:
            return image
        padded = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REFLECT_101)
        return np.asarray(padded, np.uint8)


def _load_backend(source: str | Path, device: str, tiled: bool) -> Backend:
    if Path(source).suffix == ".onnx":
        if tiled:
            raise BackendError(f"{source} derains whole pictures only: give .safetensors or .pth.")
        from apanet_core.runtime.onnx_backend import OnnxBackend

        return OnnxBackend(resolve_weights(source), device)
    try:
        from apanet_core.imaging.tiling import Tiling
        from apanet_core.network.checkpoint import load_model
        from apanet_core.runtime.devices import resolve_device
        from apanet_core.runtime.torch_backend import TorchBackend
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise BackendError(
            "torch is not installed: pip install 'apanet_ros[torch]', or give an .onnx file that "
            "`apanet export` wrote on another machine."
        ) from error
    return TorchBackend(load_model(source, resolve_device(device)), Tiling() if tiled else None)


def _check(left: ByteImage, right: ByteImage) -> None:
    for name, view in (("left", left), ("right", right)):
        if view.dtype != np.uint8 or view.ndim != 3 or view.shape[2] != 3 or not view.size:
            raise ImageError(
                f"The {name} view must be uint8 RGB [H,W,3], got {view.dtype} {view.shape}."
            )
    if left.shape != right.shape:
        raise ImageError(
            f"The views differ in size: left {left.shape[1]} x {left.shape[0]}, "
            f"right {right.shape[1]} x {right.shape[0]}."
        )
