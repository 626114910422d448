"""Pictures and plots as `data:` URLs, which carry the file within the page."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from apanet_core.imaging.files import encode_rgb
from apanet_core.imaging.types import ByteImage

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMALL_PIXELS = 256 * 256
"""Up to here a picture is kept exactly, as PNG: crops are looked at pixel by pixel."""

JPEG_QUALITY = 90


def picture_url(image: ByteImage) -> str:
    """Return uint8 RGB `[H,W,3]` as a PNG where it is small, else as a JPEG."""
    if image.shape[0] * image.shape[1] <= SMALL_PIXELS:
        return _data_url("image/png", encode_rgb(image, ".png"))
    return _data_url("image/jpeg", encode_rgb(image, ".jpg", JPEG_QUALITY))


def figure_url(figure: Figure) -> str:
    """Return a matplotlib figure as SVG; the same figure gives the same text every time."""
    import matplotlib

    written = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "apanet"}):
        figure.savefig(written, format="svg", metadata={"Date": None})
    return _data_url("image/svg+xml", written.getvalue())


def _data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
