"""Picture files as bytes: what is in them, and back, with as many bits and channels as they had."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

import cv2
import numpy as np

from apanet_core.errors import ImageError
from apanet_core.imaging.file_fault import JPEG, PNG, file_fault
from apanet_core.imaging.opencv_log import opencv_silenced
from apanet_core.imaging.types import Picture
from apanet_core.imaging.white_level import Samples, WhiteLevel, eight_bits

JPEG_SUFFIXES = (".jpg", ".jpeg")
PORTABLE_SUFFIXES = (".pgm", ".ppm", ".pnm")
FLOAT_SUFFIXES = (".tif", ".tiff")
TIFF_UNCOMPRESSED = 1
DEEP_SUFFIXES = (".png", *FLOAT_SUFFIXES, *PORTABLE_SUFFIXES)
"""Endings of formats that hold 16 bits."""
ALPHA_SUFFIXES = (".png", ".webp", ".bmp", *FLOAT_SUFFIXES)

_PORTABLE = re.compile(rb"P[2356](?:(?:\s|#[^\n]*\n)+(\d+)){3}\s")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StoredPicture:
    """A picture as its file holds it.

    Attributes:
        pixels: RGB `[H,W,3]`, uint8, uint16 or float32; a gray one is repeated.
        alpha: `[H,W]` of the same type, None where the file has none.
        is_gray: whether the file has one channel of brightness.
        white: the largest value, where the file declares it; else 0.
    """

    pixels: Samples
    alpha: Samples | None = None
    is_gray: bool = False
    white: int = 0

    def shows(self, picture: Picture, level: WhiteLevel) -> StoredPicture:
        """Return another picture of this size, stored as this one is."""
        samples = level.samples(picture, self.pixels.dtype)
        white = round(level.white(np.uint16)) if self.white else 0
        return StoredPicture(samples, self.alpha, self.is_gray, white)


def decode_picture(data: bytes) -> StoredPicture:
    """Read the bytes of a picture file of any format that OpenCV knows, turned as Exif says.

    Raises:
        ImageError: "it is ..." - a clause about the file, which the message does not name.
    """
    if fault := file_fault(data):
        raise ImageError(f"{fault}: copy it anew")
    pixels = _decoded(data, cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR)
    alpha = None
    if _may_hold_alpha(data):
        whole = _decoded(data, cv2.IMREAD_UNCHANGED)
        if whole is not None and whole.ndim == 3 and whole.shape[2] == 4:
            pixels = whole[..., :3] if pixels is None else pixels
            # OpenCV does not turn what it leaves unchanged.
            alpha = whole[..., 3] if np.array_equal(pixels, whole[..., :3]) else None
    if pixels is None or not pixels.size:
        raise ImageError("it is damaged or of another kind")
    if pixels.dtype == np.float64:
        pixels, alpha = pixels.astype(np.float32), None if alpha is None else np.float32(alpha)
    if pixels.dtype not in (np.uint8, np.uint16, np.float32):
        raise ImageError(f"its values are {pixels.dtype}: write it with 8 or 16 bits, or as floats")
    is_gray = pixels.ndim == 2 or pixels.shape[2] == 1
    rgb = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB if is_gray else cv2.COLOR_BGR2RGB)
    white = _declared_white(data)
    if rgb.dtype == np.uint8 and white:
        # Its white is none that bytes are known by.
        rgb, white = cv2.convertScaleAbs(rgb, alpha=255 / white), 0
    return StoredPicture(np.asarray(rgb, rgb.dtype), alpha, is_gray, white)


def encode_picture(stored: StoredPicture, suffix: str, jpeg_quality: int = 95) -> bytes:
    """Return a picture as a file of an ending holds it; one of 8 bits, rounded, if that must be.

    Args:
        stored: the picture. Of 16 bits that a format does not hold, its white is 65535.
        suffix: `.png`, `.jpg` and so on.
        jpeg_quality: 0 to 100, for JPEG.

    Raises:
        ImageError: the ending is unknown to OpenCV.
    """
    suffix = suffix.lower()
    stored = _as_the_format_can(stored, suffix)
    pixels = _channels(stored, suffix)
    if suffix in PORTABLE_SUFFIXES:
        return _portable(pixels, stored.white)
    options = [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality] if suffix in JPEG_SUFFIXES else []
    if pixels.dtype == np.float32:
        # Older OpenCV writes floats in a compression that loses some of them.
        options = [cv2.IMWRITE_TIFF_COMPRESSION, TIFF_UNCOMPRESSED]
    try:
        with opencv_silenced():
            encoded, data = cv2.imencode(suffix, pixels, options)
    except cv2.error:
        encoded = False
    if not encoded:
        raise ImageError(f"No picture format has the ending '{suffix}': use .png or .jpg.")
    return bytes(data)


def _decoded(data: bytes, flags: int) -> Samples | None:
    """Return what OpenCV makes of a file, in its channel order; None where it makes nothing."""
    if not data:
        return None
    try:
        with opencv_silenced():
            found = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    return None if found is None else np.asarray(found, found.dtype)


def _may_hold_alpha(data: bytes) -> bool:
    """Whether the file may hold alpha; the head of most files says that it holds none."""
    if data.startswith(PNG):
        return data[25:26] in (b"\4", b"\6") or b"tRNS" in data[: data.find(b"IDAT")]
    if data.startswith(b"BM"):
        return data[28:30] == b"\x20\0"
    if data[8:12] == b"WEBP":
        return data[12:16] in (b"VP8L", b"VP8X")
    return not data.startswith((JPEG, b"P2", b"P3", b"P5", b"P6"))


def _declared_white(data: bytes) -> int:
    """Return the largest value by the head of a PGM or PPM; 0 where that says nothing.

    255 and 65535 do not: cameras of 12 bits write 65535 as well.
    """
    head = _PORTABLE.match(data)
    white = int(head[1]) if head is not None else 0
    return white if white < 65535 and white != 255 else 0


def _as_the_format_can(stored: StoredPicture, suffix: str) -> StoredPicture:
    pixels, alpha = stored.pixels, stored.alpha
    too_deep = suffix not in DEEP_SUFFIXES or (
        pixels.dtype == np.float32 and suffix not in FLOAT_SUFFIXES
    )
    if pixels.dtype != np.uint8 and too_deep:
        level = WhiteLevel(known={"uint16": 65535})
        (picture,) = level.pictures([pixels])
        pixels = eight_bits(picture)
        alpha = None if alpha is None else eight_bits(level.pictures([alpha])[0])
    if alpha is not None and suffix not in ALPHA_SUFFIXES:
        _log.warning("Alpha is left out: files that end in %s hold none.", suffix)
        alpha = None
    return StoredPicture(pixels, alpha, stored.is_gray, stored.white)


def _channels(stored: StoredPicture, suffix: str) -> Samples:
    """Return the pixels with the channels that go into the file, in OpenCV's order."""
    gray = suffix == ".pgm" or (stored.is_gray and stored.alpha is None and suffix != ".ppm")
    if gray:
        return np.asarray(cv2.cvtColor(stored.pixels, cv2.COLOR_RGB2GRAY), stored.pixels.dtype)
    bgr = stored.pixels[..., ::-1]
    if stored.alpha is not None:
        bgr = np.dstack([bgr, stored.alpha])
    return np.ascontiguousarray(bgr)


def _portable(pixels: Samples, white: int) -> bytes:
    """Return a binary PGM or PPM. OpenCV's own would not say what is white."""
    wide = pixels.dtype == np.uint16
    kind = b"P6" if pixels.ndim == 3 else b"P5"
    ordered = pixels[..., ::-1] if pixels.ndim == 3 else pixels
    height, width = pixels.shape[:2]
    head = b"%s\n%d %d\n%d\n" % (kind, width, height, (white or 65535) if wide else 255)
    return head + ordered.astype(">u2" if wide else np.uint8).tobytes()
