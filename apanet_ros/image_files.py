"""Images and disparities in files, and folders of views that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from apanet_core.errors import ImageError
from apanet_ros.output_files import written_aside
from apanet_ros.stereo_frame import ByteImage, FloatMap

IMAGE_SUFFIXES = frozenset((".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"))
DISPARITY_SUFFIXES = frozenset((".npy", ".npz", ".pfm", ".png"))
KITTI_STEPS_PER_PIXEL = 256.0
SHOWN_NAMES = 5


def read_image(path: Path) -> ByteImage:
    """Return the image in `path` as uint8 RGB `[H,W,3]`; raises `ImageError`."""
    if not path.is_file():
        raise ImageError(f"{path} is not a file; name an image, as in left.png.")
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ImageError(f"{path} cannot be read as an image; is it whole, and PNG or JPEG?")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def read_pair(left: Path, right: Path) -> tuple[ByteImage, ByteImage]:
    """Return two views of one size, uint8 RGB `[H,W,3]`; raises `ImageError`."""
    views = read_image(left), read_image(right)
    if views[0].shape != views[1].shape:
        raise ImageError(
            f"{left} is {_size(views[0])} but {right} is {_size(views[1])}; "
            "the two views of a rectified pair have one size."
        )
    return views


def write_image(path: Path, image: ByteImage, force: bool = False) -> None:
    """Write uint8 RGB `[H,W,3]` to `path`, whole or not at all.

    Raises `ImageError` for a suffix that is no image's, `ConfigError` when `path` exists and
    `force` is false.
    """
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        known = ", ".join(sorted(IMAGE_SUFFIXES))
        raise ImageError(f"{path} does not end like an image file; valid: {known}.")
    with written_aside(path, force) as aside:
        cv2.imwrite(str(aside), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))


def read_disparity(path: Path) -> FloatMap:
    """Return the left view's disparity in `path` as float32 `[H,W]` in pixels.

    Reads .npy, .npz (with one array), .pfm, and 16-bit .png as KITTI writes it: 256 steps a pixel,
    0 where unknown. Raises `ImageError`.
    """
    if not path.is_file():
        raise ImageError(f"{path} is not a file; name a disparity, as in disparity.npy.")
    try:
        disparity = _load_array(path)
    except (ValueError, OSError, EOFError) as error:
        raise ImageError(f"{path} cannot be read as a disparity: {error}.") from error
    if disparity.ndim != 2:
        raise ImageError(f"{path} holds an array of shape {disparity.shape}, not one of [H, W].")
    return disparity.astype(np.float32)


def matching_files(folders: Sequence[Path], suffixes: Sequence[frozenset[str]]) -> list[list[Path]]:
    """Return, for each stem in the folders, sorted, its file in every folder.

    `suffixes` holds the suffixes to look for in each folder. Raises `ImageError` that names the
    files without a partner, or that says that there are none.
    """
    by_stem = [_files_by_stem(*one) for one in zip(folders, suffixes, strict=True)]
    stems = set.union(*(set(files) for files in by_stem))
    if not stems:
        raise ImageError(f"No images in {' or '.join(str(folder) for folder in folders)}.")
    for folder, files in zip(folders, by_stem, strict=True):
        if missing := sorted(stems - set(files)):
            shown = ", ".join(missing[:SHOWN_NAMES]) + (", ..." if missing[SHOWN_NAMES:] else "")
            raise ImageError(
                f"{folder} lacks {len(missing)} of {len(stems)} files, by their names without "
                f"suffix: {shown}; every view of a pair needs the same name."
            )
    return [[files[stem] for files in by_stem] for stem in sorted(stems)]


def _files_by_stem(folder: Path, suffixes: frozenset[str]) -> dict[str, Path]:
    if not folder.is_dir():
        raise ImageError(f"{folder} is not a folder; name folders for all views, or files for all.")
    return {path.stem: path for path in folder.iterdir() if path.suffix.lower() in suffixes}


def _load_array(path: Path) -> np.ndarray:
    if path.suffix == ".npy":
        return np.asarray(np.load(path))
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return np.asarray(arrays[arrays.files[0]])
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("use .npy, .npz, .pfm or a 16-bit .png")
    if path.suffix == ".pfm":
        return np.asarray(pixels)
    if pixels.dtype != np.uint16:
        raise ValueError(f"a disparity image has 16 bits, 256 steps a pixel, not {pixels.dtype}")
    return np.asarray(pixels) / KITTI_STEPS_PER_PIXEL


def _size(image: ByteImage) -> str:
    return f"{image.shape[1]}x{image.shape[0]}"
