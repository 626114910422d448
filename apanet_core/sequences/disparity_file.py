"""Disparities in files."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import ImageError
from apanet_core.imaging.opencv_log import opencv_silenced
from apanet_core.imaging.types import FloatMap

SUFFIXES = (".npy", ".npz", ".pfm", ".png")
KITTI_STEPS_PER_PIXEL = 256.0


def read_disparity(path: Path) -> FloatMap:
    """Return the disparity in `path` as float32 `[H,W]` in pixels.

    Reads .npy, .npz (with one array), .pfm, and 16-bit .png as KITTI writes it: 256 steps a pixel,
    0 where unknown.

    Raises:
        ImageError: the file is missing or holds no disparity; the message names it.
    """
    if not path.is_file():
        raise ImageError(f"No disparity {path}: check the path.")
    try:
        disparity = _load(path)
    except (ValueError, OSError, EOFError, IndexError, BadZipFile, cv2.error) as error:
        raise ImageError(f"Cannot read {path} as a disparity: {error}.") from error
    if disparity.ndim != 2:
        raise ImageError(f"{path} holds an array of shape {disparity.shape}, not of [H, W].")
    return disparity.astype(np.float32)


def find_disparity(folder: Path, stem: str) -> Path:
    """Return the disparity in `folder` that has the pair's stem.

    Raises:
        ImageError: there is none; the message says what was looked for.
    """
    path = disparity_of(folder, stem)
    if path is None:
        raise ImageError(f"No disparity {folder / stem} ending in {', '.join(SUFFIXES)}.")
    return path


def disparity_of(folder: Path, stem: str) -> Path | None:
    """Return the disparity in `folder` that has the pair's stem; None where there is none."""
    files = (folder / f"{stem}{suffix}" for suffix in SUFFIXES)
    return next((path for path in files if path.is_file()), None)


def _load(path: Path) -> NDArray[np.generic]:
    if path.suffix == ".npy":
        return np.asarray(np.load(path))
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return np.asarray(arrays[arrays.files[0]])
    with opencv_silenced():
        pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError(f"use one of {', '.join(SUFFIXES)}")
    if path.suffix == ".png" and pixels.dtype != np.uint16:
        raise ValueError(f"it has {pixels.dtype.itemsize * 8} bits, not 16")
    return np.asarray(pixels / KITTI_STEPS_PER_PIXEL if path.suffix == ".png" else pixels)
