"""Who looks on while a model is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apanet_core.imaging.types import ByteImage

WEATHER = "rain"
"""The weather of results whose rain was not rendered here, and so has no severity."""

Show = Callable[[int, str, Sequence[Sequence[ByteImage]]], None]
"""Is shown every result: its number, its weather (a severity, or `WEATHER`) and its columns: rainy,
derained by each method and, where it is known, clean. Each column holds two views or one picture,
uint8 RGB."""
