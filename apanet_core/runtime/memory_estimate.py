"""How much memory deraining a pair adds to a process, told before it is run.

Counted in pictures' worth of features of the first level, where nearly all of it is. The factors
were fitted to what `apanet bench` measured (docs/performance.md), to lie a little above it; a test
measures again.
"""

from __future__ import annotations

from apanet_core.network.config import ApanetConfig
from apanet_core.network.strip_size import STRIP_BYTES, WHOLE_BYTES

FEATURES_IN_STRIPS = 21
"""Features of one view, `C` channels wide, that are in memory at once where a CPU takes strips:
views, what becomes of them at `2C` channels, and the encoder's features that wait."""

FEATURES_WHOLE = 48
"""The same where each operator takes whole pictures: gates work at `2C` too."""

PARALLAX_IN_STRIPS = 3
PARALLAX_WHOLE = 12
"""What parallax attention on the first level adds to these."""

STRIPS_AT_ONCE = 24
"""Numbers of a strip's size that its operators hold."""

PICTURES = 12
"""Float32 pictures of three channels: views in and out, padded and folded."""

LIBRARIES = 20 * 2**20
"""Bytes that the first pair has the libraries load and compile."""


def working_bytes(
    config: ApanetConfig, height: int, width: int, strips: bool, number_bytes: int = 4
) -> int:
    """Estimate what deraining one pair adds to what the loaded network takes.

    Args:
        config: of the network.
        height, width: of the pictures, in pixels.
        strips: whether large features are computed in strips, as torch does on a CPU.
        number_bytes: of a number in the arithmetic.
    """
    pixels = height * width
    features = pixels // config.stem_fold**2 * config.width * number_bytes
    always = PICTURES * 3 * 4 * pixels + LIBRARIES
    if strips and 2 * features > WHOLE_BYTES:
        count = FEATURES_IN_STRIPS + PARALLAX_IN_STRIPS * config.parallax[0]
        return count * features + STRIPS_AT_ONCE * STRIP_BYTES + always
    return (FEATURES_WHOLE + PARALLAX_WHOLE * config.parallax[0]) * features + always
