"""Whether it rains, by what the network takes away; told when that changes."""

from __future__ import annotations

from collections.abc import Callable

from apanet_core.runtime.rain_level import patch, rain_level
from apanet_core.streaming.rain_gate import RainGate
from apanet_ros.inference.pair_work import Derainer
from apanet_ros.stereo.stereo_conversion import Views


class Weather:
    """Follows the rain over the pairs, as often as that is due.

    Args:
        gate: decides, with hysteresis.
        derainer: derains a patch while pairs pass.
        announce: takes a sentence for the log.
        tell_rain: is told whether it rains when that changes.
    """

    def __init__(
        self,
        gate: RainGate,
        derainer: Derainer,
        announce: Callable[[str], None],
        tell_rain: Callable[[bool], None],
    ) -> None:
        self._gate = gate
        self._derainer = derainer
        self._announce = announce
        self._tell_rain = tell_rain

    def is_dry(self) -> bool:
        """Whether pairs pass as they are."""
        return self._gate.closed()

    def look_at_derained(self, rainy: Views, clean: Views) -> None:
        """Compare a pair with its derained one, if it is time."""
        if self._gate.look_is_due():
            self._look(rainy, clean)

    def look_at_passed(self, views: Views) -> None:
        """Derain the middle of a pair that passed, if it is time, and compare that."""
        if self._gate.look_is_due():
            middle = patch(views[0]), patch(views[1])
            self._look(middle, self._derainer.derain(0, *middle))

    def _look(self, rainy: Views, clean: Views) -> None:
        if self._gate.look(rain_level(rainy, clean)):
            raining = self._gate.raining
            self._announce("It rains again." if raining else "It is dry: pairs go out as is.")
            self._tell_rain(raining)
