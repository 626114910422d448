"""Rain over time: drops live on from one frame to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from apanet_core.errors import ImageError
from apanet_core.imaging.types import AnyPicture, FloatMap
from apanet_core.rain.drops import move_drops, rain_space
from apanet_core.rain.geometry import StereoGeometry
from apanet_core.rain.lens_drops import move_lens_drops
from apanet_core.rain.synthesis import Moment, check_views, first_moment, render
from apanet_core.rain.weather import Weather


class RainSequence:
    """Lets it rain on the frames of one sequence, in the order of their stamps.

    A drop moves with its fall, the wind and the cameras' speed from frame to frame, drops leave
    and enter so that the rain stays as dense, and drops on the lenses last for seconds. The same
    seed and times give the same pictures, and the first is what `add_rain` gives.

    Args:
        weather: of the whole sequence, from `sample_weather`.
        generator: source of the drops.
    """

    def __init__(self, weather: Weather, generator: np.random.Generator) -> None:
        self._weather = weather
        self._generator = generator
        self._moment: Moment | None = None
        self._time_s = 0.0

    def add_rain(
        self,
        left: AnyPicture,
        right: AnyPicture,
        time_s: float,
        disparity: FloatMap | None = None,
        geometry: StereoGeometry | None = None,
    ) -> tuple[AnyPicture, AnyPicture]:
        """Return the frame in rain; arguments and errors as `apanet_core.rain.add_rain`.

        Args:
            time_s: when the frame was taken, seconds, not before the frame before it.

        Raises:
            ImageError: the frame is older than the one before it; and as `add_rain`.
        """
        check_views(left, right, disparity)
        height, width = left.shape[:2]
        geometry = geometry if geometry is not None else StereoGeometry()
        self._moment = self._next(time_s, height, width, geometry)
        self._time_s = time_s
        views = render(left, right, disparity, self._moment, self._generator)
        return cast("AnyPicture", views[0].rainy), cast("AnyPicture", views[1].rainy)

    def _next(self, time_s: float, height: int, width: int, geometry: StereoGeometry) -> Moment:
        before = self._moment
        # Other cameras see other drops.
        if before is None or (height, width) != (before.space.height, before.space.width):
            space = rain_space(self._weather, self._generator, height, width, geometry)
            return first_moment(space, self._generator)
        if time_s < self._time_s:
            raise ImageError(
                f"A frame at {time_s:.3f} s follows one at {self._time_s:.3f} s: sort them."
            )
        return later(before, time_s - self._time_s, geometry, self._generator)


def later(
    moment: Moment, seconds: float, geometry: StereoGeometry, generator: np.random.Generator
) -> Moment:
    """Return the rain `seconds` later, seen by cameras that may have turned to another window."""
    space = replace(moment.space, geometry=geometry)
    drops = move_drops(moment.drops, seconds, moment.space, space, generator)
    left, right = (
        move_lens_drops(on_lens, seconds, space, generator) for on_lens in moment.on_lenses
    )
    return Moment(space, drops, (left, right))
