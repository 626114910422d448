"""The one thread that converts, derains and publishes; it always takes the newest pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread
from typing import Protocol

from apanet_core.errors import ImageError
from apanet_core.imaging.types import ByteImage
from apanet_core.runtime.memory import is_out_of_memory, release_memory
from apanet_core.runtime.rain_level import patch, rain_level
from apanet_core.streaming.ladder import Ladder
from apanet_core.streaming.mailbox import Mailbox
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.rain_gate import RainGate
from apanet_core.streaming.statistics import Outcome, PairTimes, Stage, StreamStatistics
from apanet_ros.image_conversion import ImageMessage
from apanet_ros.stereo_conversion import StereoConversion, Views
from apanet_ros.stereo_input import StereoPair

PROBE = "probes"
PUBLISHED = "published"
PUBLISHED_LATE = "published_late"
WITHOUT_CAMERA_INFO = "without_camera_info"
OUT_OF_MEMORY = "out_of_memory"


def derained_at(step: int) -> str:
    """What is noted of a pair that was derained at an operating point."""
    return f"derained_at_{step}"


# How a pair counts that is dropped where it would have gone out as it came.
_DROPPED_AS = {
    Outcome.PASSED_OVER_BUDGET: Outcome.LATE,
    Outcome.PASSED_NO_MEMORY: Outcome.FAILED,
    Outcome.FAILED: Outcome.FAILED,
}


class Derainer(Protocol):
    """What the worker asks of `apanet_core.runtime.operating_points.LadderDerainer`."""

    def derain(self, step: int, left: ByteImage, right: ByteImage) -> Views: ...

    def warm_up(self, step: int, height: int, width: int) -> float: ...


class Output(Protocol):
    """What the worker asks of `apanet_ros.stereo_output.StereoOutput`."""

    def wanted(self) -> frozenset[Side]:
        """The sides whose image somebody subscribes to."""
        ...

    def publish(self, pair: StereoPair, images: Mapping[Side, ImageMessage]) -> bool:
        """Send images and camera_infos out; return whether each image had its camera_info."""
        ...


class Log(Protocol):
    """What the worker asks of `apanet_ros.node_log.NodeLog`."""

    def announce(self, sentence: str) -> None: ...

    def warn(self, sentence: str) -> None: ...


@dataclass(frozen=True)
class WorkerOptions:
    """What becomes of pairs.

    Attributes:
        drop_late: whether a pair that is not derained in time is dropped, not sent out as it came.
        enabled: whether pairs are derained at all.
        lossless: whether pairs wait in a row rather than be replaced by newer ones.
    """

    drop_late: bool = False
    enabled: bool = True
    lossless: bool = False


class InferenceWorker:
    """Derains pairs one at a time, within the budget, in a thread of its own.

    Args:
        derainer: the networks, at every step of the ladder.
        ladder: decides at which step a pair is derained, if at all.
        gate: lets pairs pass while it is dry.
        statistics: counts every pair that is submitted, once by how it leaves.
        options: what becomes of pairs.
        conversion: messages to pictures and back.
        output: the topics.
        age: seconds since the pair's stamp, or receipt.
        log: is told what happens.
        report: takes the times of every pair that went out.
        tell_rain: is told whether it rains when that changes.
        done: is called after every pair.
        look: takes the pictures of every pair, once it is done with.
        clock: seconds, monotonic.

    Attributes:
        options: as above; any thread may set them, the next pair follows them.
        last_problem: the last sentence about a pair that was rejected or failed.
    """

    def __init__(
        self,
        derainer: Derainer,
        ladder: Ladder,
        gate: RainGate,
        statistics: StreamStatistics,
        options: WorkerOptions,
        conversion: StereoConversion,
        output: Output,
        *,
        age: Callable[[StereoPair], float],
        log: Log,
        report: Callable[[Mapping[Stage, float]], None],
        tell_rain: Callable[[bool], None],
        done: Callable[[], None],
        look: Callable[[ByteImage, ByteImage], None],
        clock: Callable[[], float],
    ) -> None:
        self._derainer = derainer
        self._ladder = ladder
        self._gate = gate
        self._statistics = statistics
        self._conversion = conversion
        self._output = output
        self._age = age
        self._log = log
        self._report = report
        self._tell_rain = tell_rain
        self._done = done
        self._look = look
        self._clock = clock
        self._idle = False
        self._mailbox = Mailbox[StereoPair](replace=not options.lossless)
        self._thread = Thread(target=self._run, name="inference")
        self.options = options
        self.last_problem = ""

    def has_room(self) -> bool:
        """Whether a pair that is submitted now need not wait behind another, and is wanted."""
        return not self._mailbox.waiting and bool(self._output.wanted())

    def start(self) -> None:
        """Begin to work on what is submitted."""
        self._thread.start()

    def submit(self, pair: StereoPair) -> None:
        """Hand a pair over; it replaces one that still waits. Returns at once."""
        self._statistics.enter()
        if self._mailbox.put(pair) is not None:
            self._statistics.leave(Outcome.REPLACED)

    def stop(self) -> None:
        """Finish the pair in work, let go of the one that waits, and end the thread."""
        for _ in self._mailbox.close():
            self._statistics.leave(Outcome.REPLACED)
        self._thread.join()

    def _run(self) -> None:
        while (pair := self._mailbox.take()) is not None:
            self.process(pair)
            self._done()

    def process(self, pair: StereoPair) -> None:
        """Take one pair through; whatever is wrong with it is counted and reported, not raised."""
        times = PairTimes(self._clock)
        times[Stage.WAIT] = self._clock() - _completed(pair)
        try:
            outcome = self._handle(pair, times)
        except ImageError as error:
            outcome = self._problem(Outcome.REJECTED, f"Pair rejected: {error}")
        except Exception as error:  # the network or the middleware, which must not end the node
            outcome = self._problem(Outcome.FAILED, _failure(error))
        self._statistics.record(times)
        self._statistics.leave(outcome)
        if Stage.AGE in times:
            self._report(times)

    def _problem(self, outcome: Outcome, sentence: str) -> Outcome:
        self.last_problem = sentence
        self._log.warn(sentence)
        return outcome

    def _handle(self, pair: StereoPair, times: PairTimes) -> Outcome:
        wanted = self._output.wanted()
        self._tell_idle(not wanted)
        if not wanted:
            self._output.publish(pair, {})
            return Outcome.UNWANTED
        if not self.options.enabled:
            self._send_rainy(pair, wanted, times)
            return Outcome.PASSED_DISABLED
        with times.timed(Stage.READ):
            views = self._conversion.read(pair)
        times[Stage.ARRIVAL] = self._age(pair)
        if self._gate.closed():
            outcome = self._pass_dry(pair, views, wanted, times)
        else:
            outcome = self._derain_in_time(pair, views, wanted, times)
        self._look(*views)
        return outcome

    def _pass_dry(
        self, pair: StereoPair, views: Views, wanted: frozenset[Side], times: PairTimes
    ) -> Outcome:
        """Send the pair out first, then look at a small part of it for rain."""
        self._send_rainy(pair, wanted, times, views)
        if self._gate.look_is_due():
            middle = patch(views[0]), patch(views[1])
            self._look_for_rain(middle, self._derainer.derain(0, *middle))
        return Outcome.PASSED_DRY

    def _look_for_rain(self, rainy: Views, clean: Views) -> None:
        if self._gate.look(rain_level(rainy, clean)):
            raining = self._gate.raining
            self._log.announce("It rains again." if raining else "It is dry: pairs go out as is.")
            self._tell_rain(raining)

    def _tell_idle(self, idle: bool) -> None:
        if idle and not self._idle:
            self._log.announce(
                "Idle: nobody subscribes to an output image, so nothing is derained."
            )
        self._idle = idle

    def _derain_in_time(
        self, pair: StereoPair, views: Views, wanted: frozenset[Side], times: PairTimes
    ) -> Outcome:
        choice = self._ladder.choose(self._age(pair), views[0].shape[:2])
        if choice.step is None:
            no_memory = choice.resting
            cause = Outcome.PASSED_NO_MEMORY if no_memory else Outcome.PASSED_OVER_BUDGET
            outcome = self._leave_rainy(pair, views, wanted, times, cause)
        else:
            outcome = self._derain(pair, views, wanted, times, choice.step)
        if choice.aside is not None:
            self._run_aside(choice.aside, views)
        return outcome

    def _derain(
        self,
        pair: StereoPair,
        views: Views,
        wanted: frozenset[Side],
        times: PairTimes,
        step: int,
    ) -> Outcome:
        size = views[0].shape[:2]
        try:
            self._warm_up(step, size)
            start = self._clock()
            with times.timed(Stage.INFER):
                clean = self._derainer.derain(step, *views)
        except Exception as error:  # of the network, whatever library runs it
            if is_out_of_memory(error):
                self._let_rest(step, size, error)
                return self._derain_in_time(pair, views, wanted, times)
            self._problem(Outcome.FAILED, _failure(error))
            return self._leave_rainy(pair, views, wanted, times, Outcome.FAILED)
        with times.timed(Stage.WRITE):
            images = self._conversion.write(pair, clean, wanted)
        late = self.options.drop_late and self._ladder.exceeded_by(self._age(pair))
        if not late:
            self._send(pair, images, times)
        self._ladder.record(step, size, self._clock() - start)
        if self._gate.look_is_due():
            self._look_for_rain(views, clean)
        self._statistics.note(derained_at(step))
        return Outcome.LATE if late else Outcome.DERAINED

    def _warm_up(self, step: int, size: tuple[int, int]) -> None:
        """Run the first pairs of a new size, which are slow, outside of the prediction."""
        if self._ladder.is_warm(step, size):
            return
        seconds = self._derainer.warm_up(step, *size)
        self._ladder.measure(step, size, seconds)
        height, width = size
        self._log.announce(f"Warm at {width} x {height}: {1000 * seconds:.1f} ms a pair.")

    def _let_rest(self, step: int, size: tuple[int, int], error: Exception) -> None:
        """After memory ran out the step rests, so the next choice is another one, or none."""
        self._ladder.rest(step, size)
        self._statistics.note(OUT_OF_MEMORY)
        self._problem(Outcome.FAILED, f"Out of memory, so another way is taken: {error}")
        release_memory()

    def _run_aside(self, step: int, views: Views) -> None:
        """Derain a pair that was left as it was, to see how long that takes now."""
        size = views[0].shape[:2]
        try:
            self._warm_up(step, size)
            start = self._clock()
            self._derainer.derain(step, *views)
            self._ladder.measure(step, size, self._clock() - start)
            self._statistics.note(PROBE)
        except Exception as error:  # the pair itself is out already
            if is_out_of_memory(error):
                self._let_rest(step, size, error)
            else:
                self._problem(Outcome.FAILED, _failure(error))

    def _leave_rainy(
        self,
        pair: StereoPair,
        views: Views,
        wanted: frozenset[Side],
        times: PairTimes,
        outcome: Outcome,
    ) -> Outcome:
        """Send a pair out as it came, or drop it, as the options say."""
        if self.options.drop_late:
            return _DROPPED_AS[outcome]
        self._send_rainy(pair, wanted, times, views)
        return outcome

    def _send_rainy(
        self,
        pair: StereoPair,
        wanted: frozenset[Side],
        times: PairTimes,
        views: Views | None = None,
    ) -> None:
        self._send(pair, self._conversion.forward(pair, wanted, views), times)

    def _send(
        self, pair: StereoPair, images: Mapping[Side, ImageMessage], times: PairTimes
    ) -> None:
        with times.timed(Stage.PUBLISH):
            complete = self._output.publish(pair, images)
        self._statistics.note(PUBLISHED)
        if not complete:
            self._statistics.note(WITHOUT_CAMERA_INFO)
        times[Stage.AGE] = self._age(pair)
        if self._ladder.exceeded_by(times[Stage.AGE]):
            self._statistics.note(PUBLISHED_LATE)


def _failure(error: Exception) -> str:
    return f"Deraining failed: {type(error).__name__}: {error}"


def _completed(pair: StereoPair) -> float:
    """When the second of the two images came."""
    return max(pair.left.received, pair.right.received)
