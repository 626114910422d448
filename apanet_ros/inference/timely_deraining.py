"""Deraining within the budget: the ladder chooses, and memory that runs out is worked around."""

from __future__ import annotations

from collections.abc import Callable

from apanet_core.runtime.memory import is_out_of_memory, release_memory, settle_memory
from apanet_core.streaming.ladder import Ladder
from apanet_core.streaming.statistics import Outcome, Stage, StreamStatistics
from apanet_ros.inference.pair_sender import PairSender
from apanet_ros.inference.pair_work import Derainer, PairWork
from apanet_ros.inference.weather import Weather
from apanet_ros.notes import OUT_OF_MEMORY, PROBE, derained_at
from apanet_ros.stereo.stereo_input import StereoPair


class TimelyDeraining:
    """Derains each pair at the operating point that its age leaves time for.

    Args:
        derainer: the networks, at every step of the ladder.
        ladder: decides at which step a pair is derained, if at all.
        sender: sends pairs out.
        weather: looks at what was taken away.
        statistics: takes the notes.
        age: seconds since a pair's stamp, or receipt.
        announce: takes a sentence on what goes on.
        complain: takes a sentence on what failed.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        derainer: Derainer,
        ladder: Ladder,
        sender: PairSender,
        weather: Weather,
        statistics: StreamStatistics,
        *,
        age: Callable[[StereoPair], float],
        announce: Callable[[str], None],
        complain: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._derainer = derainer
        self._ladder = ladder
        self._sender = sender
        self._weather = weather
        self._statistics = statistics
        self._age = age
        self._announce = announce
        self._complain = complain
        self._clock = clock

    def derain(self, work: PairWork) -> Outcome:
        """Derain a pair that was read and send it out; return how it left."""
        choice = self._ladder.choose(self._age(work.pair), work.size)
        if choice.step is not None:
            outcome = self._derain_at(choice.step, work)
        else:
            no_memory = choice.resting
            cause = Outcome.PASSED_NO_MEMORY if no_memory else Outcome.PASSED_OVER_BUDGET
            outcome = self._sender.send_or_drop_rainy(work, cause)
        if choice.aside is not None:
            self._derain_aside(choice.aside, work)
        return outcome

    def _derain_at(self, step: int, work: PairWork) -> Outcome:
        try:
            self._warm_up(step, work.size)
            start = self._clock()
            with work.times.timed(Stage.INFER):
                clean = self._derainer.derain(step, *work.views)
        except Exception as error:  # of the network, whatever library runs it
            if is_out_of_memory(error):
                self._let_rest(step, work.size, error)
                return self.derain(work)
            self._complain(failure(error))
            return self._sender.send_or_drop_rainy(work, Outcome.FAILED)
        outcome = self._sender.send_clean(work, clean)
        self._ladder.record(step, work.size, self._clock() - start)
        self._statistics.note(derained_at(step))
        self._weather.look_at_derained(work.views, clean)
        return outcome

    def _derain_aside(self, step: int, work: PairWork) -> None:
        """Derain a pair that was left as it was, to see how long that takes now."""
        try:
            self._warm_up(step, work.size)
            start = self._clock()
            self._derainer.derain(step, *work.views)
            self._ladder.measure(step, work.size, self._clock() - start)
            self._statistics.note(PROBE)
        except Exception as error:  # the pair itself is out already
            if is_out_of_memory(error):
                self._let_rest(step, work.size, error)
            else:
                self._complain(failure(error))

    def _warm_up(self, step: int, size: tuple[int, int]) -> None:
        """Run the first pairs of a new size, which are slow, outside of the prediction."""
        if self._ladder.is_warm(step, size):
            return
        seconds = self._derainer.warm_up(step, *size)
        self._ladder.measure(step, size, seconds)
        height, width = size
        self._announce(f"Warm at {width} x {height}: {1000 * seconds:.1f} ms a pair.")

    def _let_rest(self, step: int, size: tuple[int, int], error: Exception) -> None:
        """After memory ran out the step rests, so the next choice is another one, or none."""
        self._ladder.rest(step, size)
        self._statistics.note(OUT_OF_MEMORY)
        self._complain(f"Out of memory, so another way is taken: {error}")
        release_memory()
        settle_memory()


def failure(error: Exception) -> str:
    """Say what the network, or the middleware, raised."""
    return f"Deraining failed: {type(error).__name__}: {error}"
