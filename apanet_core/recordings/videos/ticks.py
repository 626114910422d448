"""The step on whose multiples the times of a video lie, for files that know only steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

_MILLISECOND = Fraction(1, 1000)


def common_tick(times: Sequence[Fraction], rate: Fraction) -> Fraction:
    """Return the largest step that keeps times to a millisecond, seconds.

    Args:
        times: seconds, ascending.
        rate: frames a second, as the video says: one frame is the step where all times fit it.
    """
    passed = [time - times[0] for time in times]
    frame = 1 / rate
    if all(abs(time - round(time / frame) * frame) <= _MILLISECOND for time in passed):
        return frame
    return (math.gcd(*(round(time / _MILLISECOND) for time in passed)) or 1) * _MILLISECOND
