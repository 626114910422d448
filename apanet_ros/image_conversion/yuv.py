"""RGB to the YUV layouts of cameras, by the one conversion that every OpenCV has (I420)."""

from __future__ import annotations

import cv2
import numpy as np

from apanet_core.imaging.types import ByteImage

# Which sample of a pair of pixels holds first luma, first chroma (U), second luma, V.
_ORDERS_422 = {
    "uyvy": (1, 0, 3, 2),
    "yuv422": (1, 0, 3, 2),
    "yuyv": (0, 1, 2, 3),
    "yuv422_yuy2": (0, 1, 2, 3),
}
_CHROMA_420 = {"nv12": (0, 1), "nv21": (1, 0)}


def write_yuv422(rgb: ByteImage, encoding: str, out: ByteImage) -> None:
    """Fill `out`, uint8 `[H,W,2]`, with uint8 RGB `[H,W,3]` of even width."""
    height, width = rgb.shape[:2]
    # With every row twice, chroma that 4:2:0 shares between two rows belongs to one.
    luma, u, v = _planes(np.repeat(rgb, 2, axis=0))
    samples = out.reshape(height, width // 2, 4)
    first, chroma_u, second, chroma_v = _ORDERS_422[encoding]
    samples[..., first] = luma[::2, ::2]
    samples[..., second] = luma[::2, 1::2]
    samples[..., chroma_u] = u
    samples[..., chroma_v] = v


def write_yuv420(rgb: ByteImage, encoding: str, out: ByteImage) -> None:
    """Fill `out`, uint8 `[3H/2,W]`, with uint8 RGB `[H,W,3]` of even sides."""
    height = rgb.shape[0]
    luma, *chroma = _planes(rgb)
    out[:height] = luma
    for position, plane in zip(_CHROMA_420[encoding], chroma, strict=True):
        out[height:, position::2] = plane


def _planes(rgb: ByteImage) -> tuple[ByteImage, ByteImage, ByteImage]:
    """Luma `[H,W]`, U and V `[H/2,W/2]`."""
    height, width = rgb.shape[:2]
    planar = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420), np.uint8)
    chroma = planar[height:].reshape(2, height // 2, width // 2)
    return planar[:height], chroma[0], chroma[1]
