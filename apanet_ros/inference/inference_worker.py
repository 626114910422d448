"""The one thread that converts, derains and publishes; it always takes the newest pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Thread

from apanet_core.errors import ImageError
from apanet_core.imaging.types import Picture
from apanet_core.streaming.ladder import Ladder
from apanet_core.streaming.mailbox import Mailbox
from apanet_core.streaming.rain_gate import RainGate
from apanet_core.streaming.statistics import Outcome, PairTimes, Stage, StreamStatistics
from apanet_ros.inference.pair_sender import PairSender
from apanet_ros.inference.pair_work import Derainer, Log, Output, PairWork, WorkerOptions
from apanet_ros.inference.timely_deraining import TimelyDeraining, failure
from apanet_ros.inference.weather import Weather
from apanet_ros.stereo.stereo_conversion import StereoConversion
from apanet_ros.stereo.stereo_input import StereoPair


class InferenceWorker:
    """Takes pairs through one at a time, within the budget, in a thread of its own.

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
        look: Callable[[Picture, Picture], None],
        clock: Callable[[], float],
    ) -> None:
        self._statistics = statistics
        self._conversion = conversion
        self._output = output
        self._age = age
        self._log = log
        self._report = report
        self._done = done
        self._look = look
        self._clock = clock
        self._sender = PairSender(conversion, output, ladder, statistics, age)
        self._weather = Weather(gate, derainer, log.announce, tell_rain)
        self._deraining = TimelyDeraining(
            derainer,
            ladder,
            self._sender,
            self._weather,
            statistics,
            age=age,
            announce=log.announce,
            complain=self._complain,
            clock=clock,
        )
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
            outcome = self._handle(PairWork(pair, self._output.wanted(), self.options, times))
        except ImageError as error:
            outcome = Outcome.REJECTED
            self._complain(f"Pair rejected: {error}")
        except Exception as error:  # the network or the middleware, which must not end the node
            outcome = Outcome.FAILED
            self._complain(failure(error))
        self._statistics.record(times)
        self._statistics.leave(outcome)
        if Stage.AGE in times:
            self._report(times)

    def _handle(self, work: PairWork) -> Outcome:
        """Ask in turn what may spare the pair the network; then derain it."""
        self._tell_idle(not work.wanted)
        if not work.wanted:
            self._sender.send_only_infos(work)
            return Outcome.UNWANTED
        if not work.options.enabled:
            self._sender.send_rainy(work)
            return Outcome.PASSED_DISABLED
        with work.times.timed(Stage.READ):
            work.views = self._conversion.read(work.pair)
        work.times[Stage.ARRIVAL] = self._age(work.pair)
        if self._weather.is_dry():
            self._sender.send_rainy(work)
            self._weather.look_at_passed(work.views)
            outcome = Outcome.PASSED_DRY
        else:
            outcome = self._deraining.derain(work)
        self._look(*work.views)
        return outcome

    def _tell_idle(self, idle: bool) -> None:
        if idle and not self._idle:
            self._log.announce(
                "Idle: nobody subscribes to an output image, so nothing is derained."
            )
        self._idle = idle

    def _complain(self, sentence: str) -> None:
        self.last_problem = sentence
        self._log.warn(sentence)


def _completed(pair: StereoPair) -> float:
    """When the second of the two images came."""
    return max(pair.left.received, pair.right.received)
