"""The end of a pair's way: it goes out derained, or as it came, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from apanet_core.streaming.ladder import Ladder
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.statistics import Outcome, Stage, StreamStatistics
from apanet_ros.image_conversion import ImageMessage
from apanet_ros.inference.pair_work import Output, PairWork
from apanet_ros.notes import PUBLISHED, PUBLISHED_LATE, WITHOUT_CAMERA_INFO
from apanet_ros.stereo.stereo_conversion import StereoConversion, Views
from apanet_ros.stereo.stereo_input import StereoPair

# How a pair counts that is dropped where it would have gone out as it came.
_DROPPED_AS = {
    Outcome.PASSED_OVER_BUDGET: Outcome.LATE,
    Outcome.PASSED_NO_MEMORY: Outcome.FAILED,
    Outcome.FAILED: Outcome.FAILED,
}


class PairSender:
    """Writes pictures into messages, publishes them and notes how old they were.

    Args:
        conversion: pictures to messages.
        output: the topics.
        ladder: knows the budget.
        statistics: takes the notes.
        age: seconds since a pair's stamp, or receipt.
    """

    def __init__(
        self,
        conversion: StereoConversion,
        output: Output,
        ladder: Ladder,
        statistics: StreamStatistics,
        age: Callable[[StereoPair], float],
    ) -> None:
        self._conversion = conversion
        self._output = output
        self._ladder = ladder
        self._statistics = statistics
        self._age = age

    def send_clean(self, work: PairWork, clean: Views) -> Outcome:
        """Send the derained pictures of a pair, unless they are late and late ones are dropped."""
        with work.times.timed(Stage.WRITE):
            images = self._conversion.write(work.pair, clean, work.wanted)
        if work.options.drop_late and self._ladder.exceeded_by(self._age(work.pair)):
            return Outcome.LATE
        self._publish(work, images)
        return Outcome.DERAINED

    def send_rainy(self, work: PairWork) -> None:
        """Send a pair out as it came, in the form that outputs have."""
        rainy = self._conversion.forward(work.pair, work.wanted, work.views_if_read)
        self._publish(work, rainy)

    def send_or_drop_rainy(self, work: PairWork, outcome: Outcome) -> Outcome:
        """Send a pair out as it came, or drop it, as the options say; return how that counts."""
        if work.options.drop_late:
            return _DROPPED_AS[outcome]
        self.send_rainy(work)
        return outcome

    def send_only_infos(self, work: PairWork) -> None:
        """Send the camera_infos of a pair whose images nobody wants."""
        self._output.publish(work.pair, {})

    def _publish(self, work: PairWork, images: Mapping[Side, ImageMessage]) -> None:
        with work.times.timed(Stage.PUBLISH):
            complete = self._output.publish(work.pair, images)
        self._statistics.note(PUBLISHED)
        if not complete:
            self._statistics.note(WITHOUT_CAMERA_INFO)
        age = work.times[Stage.AGE] = self._age(work.pair)
        if self._ladder.exceeded_by(age):
            self._statistics.note(PUBLISHED_LATE)
