"""The worker on real messages, with a network of arithmetic and a clock turned by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy")

from sensor_msgs.msg import Image

from apanet_core.imaging.types import ByteImage
from apanet_core.streaming.ladder import Ladder, LadderOptions
from apanet_core.streaming.pairing import Side
from apanet_core.streaming.rain_gate import GateOptions, RainGate
from apanet_core.streaming.statistics import Outcome, Stage, StreamStatistics
from apanet_ros.inference.inference_worker import InferenceWorker
from apanet_ros.inference.pair_work import WorkerOptions
from apanet_ros.stereo.stereo_conversion import ConversionOptions, StereoConversion
from apanet_ros.stereo.stereo_input import ReceivedImage, StereoPair


class Inverter:
    """Networks that invert their input and take as long as they are told to, faster per step."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seconds = 0.05
        self.derained: list[int] = []
        self.warmed: list[tuple[int, int, int]] = []
        self.errors: dict[int, Exception] = {}

    def derain(self, step: int, left: ByteImage, right: ByteImage) -> tuple[ByteImage, ByteImage]:
        self._clock.now += self.seconds / 2**step
        if step in self.errors:
            raise self.errors[step]
        self.derained.append(step)
        return 255 - left, 255 - right

    def warm_up(self, step: int, height: int, width: int) -> float:
        self.warmed.append((step, height, width))
        return self.seconds / 2**step


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A worker with two steps, and everything that comes out of it. Ages count from receipt."""

    def __init__(
        self, budget: float = 0.0, steps: int = 1, encoding: str = "same", **options: Any
    ) -> None:
        self.clock = Clock()
        self.network = Inverter(self.clock)
        self.ladder = Ladder(steps, LadderOptions(budget=budget), self.clock)
        self.gate = RainGate(GateOptions(), self.clock)
        self.told_rain: list[bool] = []
        self.statistics = StreamStatistics()
        self.published: list[tuple[Image, Image]] = []
        self.sides: list[set[Side]] = []
        self.subscribed = frozenset(Side)
        self.announced: list[str] = []
        self.warned: list[str] = []
        self.looked_at: list[list[int]] = []
        self.reported: list[dict[Stage, float]] = []
        self.complete = True
        self.worker = InferenceWorker(
            self.network,
            self.ladder,
            self.gate,
            self.statistics,
            WorkerOptions(**options),
            StereoConversion(ConversionOptions(encoding), lambda *_: None),
            self,
            age=lambda pair: self.clock() - pair.left.received,
            log=self,
            report=lambda times: self.reported.append(dict(times)),
            tell_rain=self.told_rain.append,
            done=lambda: None,
            look=lambda *views: self.looked_at.append([int(view[0, 0, 0]) for view in views]),
            clock=self.clock,
        )

    def wanted(self) -> frozenset[Side]:
        return self.subscribed

    def publish(self, _: StereoPair, images: Mapping[Side, Image]) -> bool:
        self.sides.append(set(images))
        if images:
            left, right = (images.get(side, Image()) for side in Side)
            self.published.append((left, right))
        return self.complete

    def announce(self, sentence: str) -> None:
        self.announced.append(sentence)

    def warn(self, sentence: str) -> None:
        self.warned.append(sentence)

    def process(self, pair: StereoPair) -> None:
        """Take one pair through, here and now."""
        self.statistics.enter()
        self.worker.process(pair)

    def pair(self, value: int = 10, age: float = 0.0, **fields: Any) -> StereoPair:
        received = self.clock() - age
        left, right = gray(value), gray(value + 1)
        for name, change in fields.items():
            setattr(right, name, change)
        return StereoPair(ReceivedImage(left, received), ReceivedImage(right, received), 0, 0)

    @property
    def outcomes(self) -> dict[Outcome, int]:
        return {key: value for key, value in self.statistics.snapshot().outcomes.items() if value}

    @property
    def notes(self) -> dict[str, int]:
        return dict(self.statistics.snapshot().notes)

    @property
    def published_pixels(self) -> list[int]:
        return [pixel(left) for left, _ in self.published]


def warm(budget: float, **options: Any) -> Bench:
    """A bench whose network is known to take 50 ms at step 0, 25 ms at step 1 and so on."""
    bench = Bench(budget, **options)
    for step in range(options.get("steps", 1)):
        bench.ladder.measure(step, (4, 6), 0.05 / 2**step)
    return bench


def gray(value: int, height: int = 4, width: int = 6) -> Image:
    image = Image(height=height, width=width, encoding="mono8", step=width)
    image.data.frombytes(bytes([value] * (height * width)))
    return image


def pixel(image: Image) -> int:
    return int(image.data[0])


def test_a_pair_is_derained_in_its_own_encoding() -> None:
    bench = Bench()
    bench.process(bench.pair(10))
    ((left, right),) = bench.published
    assert (pixel(left), pixel(right)) == (245, 244)
    assert left.encoding == "mono8"
    assert bench.outcomes == {Outcome.DERAINED: 1}


def test_each_stage_is_timed_and_reported() -> None:
    bench = Bench()
    bench.process(bench.pair(age=0.2))
    times = bench.statistics.snapshot().times
    assert times[Stage.WAIT].p50 == pytest.approx(0.2)
    assert times[Stage.ARRIVAL].p50 == pytest.approx(0.2)
    assert times[Stage.INFER].p50 == pytest.approx(0.05)
    assert times[Stage.AGE].p50 == pytest.approx(0.25)
    ((reported),) = bench.reported
    assert set(reported) == set(Stage)
    assert reported[Stage.AGE] == pytest.approx(0.25)


def test_the_first_frame_of_a_size_warms_up_and_is_announced() -> None:
    bench = Bench()
    bench.process(bench.pair())
    bench.process(bench.pair())
    assert bench.network.warmed == [(0, 4, 6)]
    assert bench.announced == ["Warm at 6 x 4: 50.0 ms a pair."]


def test_within_a_budget_an_unknown_network_is_tried_aside_first() -> None:
    bench = Bench(budget=1.0)
    bench.process(bench.pair())
    bench.process(bench.pair())
    assert bench.published_pixels == [10, 245]
    assert bench.outcomes == {Outcome.PASSED_OVER_BUDGET: 1, Outcome.DERAINED: 1}


def test_the_older_a_pair_the_faster_the_step_it_takes() -> None:
    bench = warm(0.1, steps=2)
    for age in (0.04, 0.06, 0.08):
        bench.process(bench.pair(10, age=age))
    assert bench.network.derained == [0, 1]
    assert bench.published_pixels == [245, 245, 10]
    assert bench.outcomes == {Outcome.DERAINED: 2, Outcome.PASSED_OVER_BUDGET: 1}


def test_what_came_in_is_looked_at_once_it_is_done_with() -> None:
    bench = warm(0.1)
    bench.process(bench.pair(10))
    bench.process(bench.pair(20, age=0.06))
    assert bench.looked_at == [[10, 11], [20, 21]]


def test_over_budget_the_raw_pair_goes_out_in_the_chosen_encoding() -> None:
    bench = warm(0.1, encoding="bgr8")
    bench.process(bench.pair(10, age=0.06))
    ((left, _),) = bench.published
    assert (left.encoding, pixel(left)) == ("bgr8", 10)


def test_over_budget_nothing_goes_out_when_late_pairs_are_dropped() -> None:
    bench = warm(0.1, drop_late=True)
    bench.process(bench.pair(age=0.06))
    assert bench.published == []
    assert bench.outcomes == {Outcome.LATE: 1}


def test_a_result_that_came_too_late_is_published_and_noted_or_dropped() -> None:
    for drop_late, outcome, published in ((False, Outcome.DERAINED, 1), (True, Outcome.LATE, 0)):
        bench = warm(0.1, drop_late=drop_late)
        bench.process(bench.pair())
        bench.network.seconds = 0.3
        bench.process(bench.pair())
        assert bench.outcomes[outcome] == (2 if outcome is Outcome.DERAINED else 1)
        assert len(bench.published) == bench.notes["published"] == 1 + published
        assert bench.notes.get("published_late", 0) == published


def test_after_a_slow_spell_a_probe_brings_deraining_back() -> None:
    bench = warm(0.1)
    bench.network.seconds = 0.5
    bench.process(bench.pair())
    bench.network.seconds = 0.05
    for _ in range(40):
        bench.clock.now += 0.1
        bench.process(bench.pair(10))
    assert bench.notes["probes"] == 1
    assert bench.published_pixels[-1] == 245
    assert bench.outcomes[Outcome.PASSED_OVER_BUDGET] == 25
    assert bench.outcomes[Outcome.DERAINED] == 1 + 15


def test_a_probe_publishes_the_raw_pair_first_and_only_that() -> None:
    bench = warm(0.04)
    bench.clock.now += 1.5
    before = bench.clock.now
    bench.process(bench.pair(10))
    assert bench.published_pixels == [10]
    assert bench.clock.now == pytest.approx(before + 0.05)
    assert bench.notes == {"probes": 1, "published": 1}


def test_disabled_it_sends_pairs_out_as_they_came_and_enabled_it_derains_again() -> None:
    bench = warm(0.1)
    bench.worker.options = replace(bench.worker.options, enabled=False)
    bench.process(bench.pair(10, age=9.0))
    bench.worker.options = replace(bench.worker.options, enabled=True)
    bench.process(bench.pair(10))
    assert bench.published_pixels == [10, 245]
    assert bench.outcomes == {Outcome.PASSED_DISABLED: 1, Outcome.DERAINED: 1}


def test_with_no_subscriber_nothing_is_derained_and_that_is_said_once() -> None:
    bench = warm(0.1)
    for subscribed in (frozenset[Side](), frozenset[Side](), frozenset(Side), frozenset[Side]()):
        bench.subscribed = subscribed
        bench.process(bench.pair(10))
    assert bench.network.derained == [0]
    assert bench.outcomes == {Outcome.UNWANTED: 3, Outcome.DERAINED: 1}
    idle = "Idle: nobody subscribes to an output image, so nothing is derained."
    assert bench.announced == [idle, idle], "once, and once more after it had work"
    assert bench.sides == [set(), set(), set(Side), set()], "camera_infos go out all the same"


@pytest.mark.parametrize("side", Side)
def test_of_a_pair_only_the_side_that_is_wanted_goes_out(side: Side) -> None:
    bench = warm(0.1)
    bench.subscribed = frozenset({side})
    bench.process(bench.pair(10))
    bench.process(bench.pair(10, age=9.0))
    assert bench.network.derained == [0]
    assert bench.sides == [{side}, {side}]


def test_while_it_is_dry_pairs_pass_and_a_small_part_is_looked_at() -> None:
    bench = warm(0.0)
    bench.gate.options = GateOptions(on=True, dry_level=2.0, hold=1.0)
    for value in (10, 10, 10, 250, 250, 250, 250):
        # Inverted, dark pictures lose no brightness, and bright ones do.
        bench.process(bench.pair(value))
        bench.clock.now += 1.0
    assert bench.told_rain == [False, True]
    assert bench.published_pixels == [245, 245, 10, 250, 250, 5, 5]
    assert bench.outcomes == {Outcome.DERAINED: 4, Outcome.PASSED_DRY: 3}
    assert bench.network.derained == [0] * 7, "four pairs, and three looks"


def test_out_of_memory_the_next_step_takes_the_pair_and_the_first_rests() -> None:
    bench = warm(0.0, steps=2)
    bench.network.errors[0] = RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
    for _ in range(3):
        bench.process(bench.pair(10))
    assert bench.network.derained == [1, 1, 1]
    assert bench.outcomes == {Outcome.DERAINED: 3}
    assert bench.notes["out_of_memory"] == 1
    assert bench.warned == [
        "Out of memory, so another way is taken: CUDA out of memory. Tried to allocate 2 GiB"
    ]


def test_out_of_memory_at_every_step_pairs_go_out_as_they_came_until_there_is_some() -> None:
    bench = warm(0.0, steps=2)
    bench.network.errors = {0: MemoryError(), 1: MemoryError()}
    bench.process(bench.pair(10))
    bench.network.errors.clear()
    bench.process(bench.pair(10))
    bench.clock.now += 6.0
    bench.process(bench.pair(10))
    assert bench.published_pixels == [10, 10, 245]
    assert bench.outcomes == {Outcome.PASSED_NO_MEMORY: 2, Outcome.DERAINED: 1}


def test_a_bad_image_is_rejected_with_its_reason() -> None:
    bench = Bench()
    bench.process(bench.pair(encoding="mono0"))
    assert bench.outcomes == {Outcome.REJECTED: 1}
    (sentence,) = bench.warned
    assert sentence.startswith("Pair rejected: right image: The encoding 'mono0' is not supported")
    bench.process(bench.pair())
    assert bench.outcomes == {Outcome.REJECTED: 1, Outcome.DERAINED: 1}


def test_views_of_two_sizes_are_rejected() -> None:
    bench = Bench()
    pair = bench.pair()
    wide = ReceivedImage(gray(1, width=8), pair.right.received)
    bench.process(StereoPair(pair.left, wide, 0, 0))
    assert bench.outcomes == {Outcome.REJECTED: 1}
    assert "Left is 6 x 4, right 8 x 4: both must have one size" in bench.worker.last_problem


@pytest.mark.parametrize("error", [RuntimeError("no kernel"), ValueError("shape")])
def test_a_network_that_raises_is_counted_and_survived(error: Exception) -> None:
    bench = Bench()
    bench.network.errors[0] = error
    bench.process(bench.pair(10))
    assert bench.outcomes == {Outcome.FAILED: 1}
    assert bench.warned == [f"Deraining failed: {type(error).__name__}: {error}"]
    bench.network.errors.clear()
    bench.process(bench.pair(10))
    assert bench.outcomes == {Outcome.FAILED: 1, Outcome.DERAINED: 1}
    assert bench.published_pixels == [10, 245], "the pair that failed goes out as it came"


def test_a_middleware_that_raises_is_counted_and_survived() -> None:
    bench = Bench()
    bench.publish = raising  # type: ignore[method-assign]
    bench.process(bench.pair())
    assert bench.outcomes == {Outcome.FAILED: 1}


def raising(*_: Any) -> bool:
    raise RuntimeError("the topic is gone")


def test_a_missing_camera_info_is_noted() -> None:
    bench = Bench()
    bench.complete = False
    bench.process(bench.pair())
    assert bench.notes == {"published": 1, "without_camera_info": 1, "derained_at_0": 1}


def test_the_thread_takes_the_newest_and_counts_the_replaced() -> None:
    bench = Bench()
    busy, go_on = Event(), Event()
    bench.network.derain = blocking(bench.network.derain, busy, go_on)  # type: ignore[method-assign]
    bench.worker.start()
    bench.worker.submit(bench.pair(10))
    assert busy.wait(10)
    for value in (20, 30, 40):
        bench.worker.submit(bench.pair(value))
    go_on.set()
    busy.clear()
    assert busy.wait(10)
    bench.worker.stop()
    assert [pixel(left) for left, _ in bench.published] == [245, 215]
    assert bench.outcomes == {Outcome.DERAINED: 2, Outcome.REPLACED: 2}
    assert bench.statistics.snapshot().in_flight == 0


def test_where_nothing_may_be_lost_pairs_wait_in_a_row() -> None:
    bench = Bench(lossless=True)
    assert bench.worker.has_room()
    for value in (10, 20, 30):
        bench.worker.submit(bench.pair(value))
    assert not bench.worker.has_room()
    bench.worker.start()
    while bench.statistics.snapshot().in_flight:
        pass
    bench.worker.stop()
    assert bench.published_pixels == [245, 235, 225]
    bench.subscribed = frozenset()
    assert not bench.worker.has_room(), "nobody would get it"


def test_stopping_finishes_the_pair_in_work_and_lets_go_of_the_other() -> None:
    bench = Bench()
    busy, go_on = Event(), Event()
    bench.network.derain = blocking(bench.network.derain, busy, go_on)  # type: ignore[method-assign]
    bench.worker.start()
    bench.worker.submit(bench.pair(10))
    assert busy.wait(10)
    bench.worker.submit(bench.pair(20))
    go_on.set()
    bench.worker.stop()
    bench.worker.submit(bench.pair(30))
    now = bench.statistics.snapshot()
    assert (now.entered, now.in_flight) == (3, 0)
    assert np.isin([pixel(left) for left, _ in bench.published], [245, 235]).all()


def blocking(derain: Callable[..., Any], busy: Event, go_on: Event) -> Callable[..., Any]:
    """The same, but it says when it began and waits to be let go on."""

    def wait_and_derain(step: int, left: ByteImage, right: ByteImage) -> Any:
        busy.set()
        assert go_on.wait(10)
        return derain(step, left, right)

    return wait_and_derain
