"""Pixels of a video to RGB and back: by which matrix, in which range, exactly rounded.

FFmpeg's converter rounds coarsely unless asked: pictures then come out darker and greener.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from apanet_core.imaging.types import ByteImage

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame

# Numbers of ITU-T H.273, which files and FFmpeg share.
_RGB = 0
_UNKNOWN = 2
_BT601 = 6
_MATRICES = {
    1: (0.2126, 0.0722),  # BT.709
    4: (0.30, 0.11),  # FCC
    5: (0.299, 0.114),  # BT.470
    _BT601: (0.299, 0.114),
    7: (0.212, 0.087),  # SMPTE 240
    9: (0.2627, 0.0593),  # BT.2020
}
"""Shares of red and blue in luma; those matrices by which FFmpeg converts back."""
_HDR = {16: "PQ", 18: "HLG"}
_LIMITED, _FULL = 1, 2

# Flags of swscale.h, which have no name in PyAV before 18.
_ACCURATE_ROUNDING = 0x40000
_FULL_CHROMA = 0x2000 | 0x4000
"""Chroma is interpolated on its way in and out."""


@dataclass(frozen=True)
class VideoColors:
    """How the colours of a video are kept.

    Attributes:
        matrix: from RGB to luma and chroma, by its number in H.273. Where a file does not say,
            it is BT.601, which FFmpeg and OpenCV take.
        full_range: whether luma is 0 to 255; else 16 to 235.
        primaries, transfer: what red, green, blue and their values mean, by number in H.273. They
            are only handed on.
    """

    matrix: int = _BT601
    full_range: bool = False
    primaries: int = _UNKNOWN
    transfer: int = _UNKNOWN

    @classmethod
    def of(cls, codec: VideoCodecContext) -> VideoColors:
        """Read them from an opened video."""
        return cls(
            codec.colorspace if codec.colorspace in _MATRICES else _BT601,
            codec.color_range == _FULL and codec.colorspace != _RGB,
            codec.color_primaries,
            codec.color_trc,
        )

    def as_jpeg(self) -> VideoColors:
        """Return the same by the one matrix and range that JPEG has."""
        return replace(self, matrix=_BT601, full_range=True)

    @property
    def hdr(self) -> str | None:
        """Return the name of the transfer where it is one of high dynamic range."""
        return _HDR.get(self.transfer)


def rgb_of(frame: VideoFrame) -> ByteImage:
    """Return a decoded frame as uint8 RGB `[H,W,3]`, by the matrix and range that it names."""
    # Values stay as they are coded, also those of high dynamic range.
    frame.color_trc = frame.color_primaries = _UNKNOWN
    rgb = frame.reformat(format="rgb24", dst_color_range=_FULL, interpolation=_exactly())
    return np.asarray(rgb.to_ndarray(), np.uint8)


def frame_of(picture: ByteImage, pixels: str, colors: VideoColors) -> VideoFrame:
    """Return a frame to encode, marked with its colours.

    Args:
        picture: uint8 RGB `[H,W,3]`.
        pixels: FFmpeg's name of the pixel format.
        colors: how to write; those of RGB pixels have neither matrix nor range.
    """
    from av.video.frame import VideoFrame

    picture = np.ascontiguousarray(picture)
    if _is_rgb(pixels):
        frame = VideoFrame.from_ndarray(picture, "rgb24")
    else:
        frame = VideoFrame.from_ndarray(_luma_and_chroma(picture, colors), "yuv444p")
    frame.colorspace, frame.color_range = _matrix(pixels, colors), _range(pixels, colors)
    coded = frame.reformat(
        format=pixels, dst_color_range=frame.color_range, interpolation=_exactly()
    )
    coded.color_primaries, coded.color_trc = colors.primaries, colors.transfer
    return coded


def _luma_and_chroma(picture: ByteImage, colors: VideoColors) -> ByteImage:
    """Return Y, Cb and Cr, uint8 `[3,H,W]`; FFmpeg's own way into full range is too green."""
    red, blue = _MATRICES[colors.matrix]
    luma = np.array([red, 1 - red - blue, blue])
    to_chroma = [(np.array([0, 0, 1]) - luma) / (1 - blue) / 2]
    to_chroma += [(np.array([1, 0, 0]) - luma) / (1 - red) / 2]
    rows = np.stack([luma, *to_chroma])
    darkest = 0
    if not colors.full_range:
        rows, darkest = rows * np.array([[219], [224], [224]]) / 255, 16
    rows = np.column_stack([rows, (darkest, 128, 128)])
    # OpenCV rounds to the nearest and keeps within 0 to 255.
    planes = cv2.transform(picture, rows.astype(np.float32))
    return np.ascontiguousarray(planes.transpose(2, 0, 1), np.uint8)


def mark(codec: VideoCodecContext, pixels: str, colors: VideoColors) -> None:
    """Have an encoder write into the file which colours its frames have; as `frame_of`."""
    codec.colorspace, codec.color_range = _matrix(pixels, colors), _range(pixels, colors)
    codec.color_primaries, codec.color_trc = colors.primaries, colors.transfer


def _matrix(pixels: str, colors: VideoColors) -> int:
    return _RGB if _is_rgb(pixels) else colors.matrix


def _range(pixels: str, colors: VideoColors) -> int:
    return _FULL if _is_rgb(pixels) or colors.full_range else _LIMITED


def _is_rgb(pixels: str) -> bool:
    return pixels.startswith("bgr")


def _exactly() -> int:
    from av.video.reformatter import Interpolation

    return int(Interpolation.BICUBIC) | _ACCURATE_ROUNDING | _FULL_CHROMA
