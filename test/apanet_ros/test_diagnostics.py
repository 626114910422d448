"""What the node says about itself, reading by reading."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("rclpy")

from diagnostic_msgs.msg import DiagnosticStatus

from apanet_core.streaming.pairing import FrameCounts, Side
from apanet_core.streaming.statistics import Outcome, Stage, StageTimes, StreamSnapshot
from apanet_ros.diagnostics import Diagnostics, Identity, Reading, state_status, summary
from apanet_ros.stereo.stereo_input import InputSnapshot
from apanet_ros.topics import CameraTopics

IDENTITY = Identity(
    node="/stereo/derain_node",
    model="tiny, 1 M parameters",
    model_sha256="abc",
    device="cuda:0",
    points=("1 tiny", "0.5 tiny"),
    topics={side: CameraTopics(f"/{side.value}/image", f"/{side.value}/info") for side in Side},
)


def reading(
    time: float,
    received: int = 0,
    paired: int = 0,
    age: float = 0.02,
    arrival: float = 0.01,
    camera_infos: int = 1,
    waiting_skew: int | None = None,
    budget: float = 0.0,
    outcomes: dict[Outcome, int] | None = None,
    **problems: object,
) -> Reading:
    counts = FrameCounts(received, paired, unpaired=received - paired, stamp_jump=0, waiting=0)
    ways = dict.fromkeys(Outcome, 0) | (outcomes or {Outcome.DERAINED: paired})
    times = {stage: StageTimes(0.0, 0.0, 0.0) for stage in Stage}
    times[Stage.AGE] = StageTimes(age, 2 * age, 3 * age)
    times[Stage.ARRIVAL] = StageTimes(arrival, arrival, arrival)
    return Reading(
        time=time,
        input=InputSnapshot(
            frames=dict.fromkeys(Side, counts),
            camera_infos=dict.fromkeys(Side, camera_infos),
            stamp_jumps=0,
            waiting_skew=waiting_skew,
        ),
        pairs=StreamSnapshot(paired, 0, ways, {"probes": 2, "published": paired}, times),
        slop=0.01,
        budget=budget,
        predicted=(0.1, 0.025),
        **problems,  # type: ignore[arg-type]
    )


def statuses(first: Reading, second: Reading) -> tuple[DiagnosticStatus, DiagnosticStatus]:
    inputs, pairs, _ = Diagnostics(IDENTITY, first).report(second)
    return inputs, pairs


def values(status: DiagnosticStatus) -> dict[str, str]:
    return {value.key: value.value for value in status.values}


def test_all_is_well() -> None:
    inputs, pairs = statuses(reading(10.0), reading(12.0, received=20, paired=20))
    for status, part in ((inputs, "input"), (pairs, "pairs")):
        assert status.level == DiagnosticStatus.OK
        assert status.message == "OK"
        assert status.name == f"/stereo/derain_node: {part}"
        assert status.hardware_id == "cuda:0"
    assert values(inputs)["left_received"] == "20"
    assert values(inputs)["left_rate_hz"] == "10.00"
    assert values(pairs)["derained"] == "20"
    assert values(pairs)["rate_out_hz"] == "10.00"
    assert values(pairs)["age_ms_p95"] == "40.000"
    assert values(pairs)["probes"] == "2"


def test_rates_look_back_three_periods() -> None:
    diagnostics = Diagnostics(IDENTITY, reading(0.0))
    for second in range(1, 7):
        report = diagnostics.report(reading(float(second), received=10 * second))
    assert values(report[0])["left_rate_hz"] == "10.00"
    for second, rate in ((7, "7.50"), (8, "5.00"), (9, "2.50"), (10, "0.00")):
        report = diagnostics.report(reading(float(second), received=60))
        assert values(report[0])["left_rate_hz"] == rate


def test_a_silent_camera_is_named() -> None:
    inputs, _ = statuses(reading(10.0), reading(13.0))
    assert inputs.level == DiagnosticStatus.WARN
    assert inputs.message.startswith("No image on /left/image for 3 s: check that the camera")
    assert "No image on /right/image" in inputs.message


def test_stamps_beyond_the_slop_are_named_with_their_distance() -> None:
    inputs, _ = statuses(reading(10.0), reading(11.0, received=9, waiting_skew=33_000_000))
    assert inputs.level == DiagnosticStatus.ERROR
    assert inputs.message == (
        "Both cameras send, but no stamps lie within the slop of 10.000 ms (the nearest are "
        "33.000 ms apart): raise slop, or synchronise the cameras."
    )


def test_images_lost_on_the_way_are_named() -> None:
    now = reading(12.0, received=20, waiting_skew=33_000_000)
    few = replace(now.input.frames[Side.RIGHT], received=6)
    lossy = replace(now, input=replace(now.input, frames=now.input.frames | {Side.RIGHT: few}))
    inputs, _ = statuses(reading(10.0), lossy)
    assert inputs.message.startswith(
        "Left images come at 10.00 Hz and right ones at 3.00 Hz, so most have no partner: large"
    )
    assert "slop" not in inputs.message


def test_a_missing_camera_info_is_named() -> None:
    inputs, _ = statuses(reading(10.0), reading(11.0, received=9, paired=9, camera_infos=0))
    assert "No message on /left/info yet" in inputs.message
    assert "No message on /right/info yet" in inputs.message


def test_a_peer_that_cannot_connect_is_named() -> None:
    now = reading(11.0, received=9, paired=9, qos_problems=("camera publishes ...",))
    inputs, _ = statuses(reading(10.0), now)
    assert (inputs.level, inputs.message) == (DiagnosticStatus.ERROR, "camera publishes ...")


def test_camera_infos_of_two_frames_are_a_warning() -> None:
    now = reading(11.0, received=9, paired=9, frames=("The left camera_info names ...",))
    inputs, _ = statuses(reading(10.0), now)
    assert (inputs.level, inputs.message) == (
        DiagnosticStatus.WARN,
        "The left camera_info names ...",
    )


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.FAILED])
def test_a_bad_pair_gives_its_reason_until_it_is_past(outcome: Outcome) -> None:
    bad = reading(11.0, received=9, paired=9, outcomes={outcome: 1}, problem="Pair rejected: why.")
    _, pairs = statuses(reading(10.0), bad)
    assert (pairs.level, pairs.message) == (DiagnosticStatus.ERROR, "Pair rejected: why.")
    _, pairs = statuses(bad, replace(bad, time=12.0))
    assert pairs.level == DiagnosticStatus.OK


@pytest.mark.parametrize("outcome", [Outcome.PASSED_OVER_BUDGET, Outcome.LATE])
@pytest.mark.parametrize(
    ("derained", "level"), [(0, DiagnosticStatus.ERROR), (5, DiagnosticStatus.WARN)]
)
def test_over_budget_says_what_deraining_takes(
    outcome: Outcome, derained: int, level: bytes
) -> None:
    ways = {outcome: 9, Outcome.DERAINED: derained}
    now = reading(11.0, received=9, paired=9, budget=0.02, outcomes=ways)
    _, pairs = statuses(reading(10.0), now)
    assert pairs.level == level
    assert pairs.message == (
        "Overload: 9 pairs were not derained in time: the budget is 20.0 ms and deraining takes "
        "25.0 ms at the least, beside 10.0 ms until a pair is at hand. Raise latency_budget_ms, "
        "add a faster operating point to the ladder, send smaller images or use a faster device."
    )


def test_stamps_of_another_clock_are_named() -> None:
    way = {Outcome.PASSED_OVER_BUDGET: 9}
    now = reading(11.0, received=9, paired=9, arrival=5000.0, budget=0.02, outcomes=way)
    _, pairs = statuses(reading(10.0), now)
    assert pairs.message.startswith("Stamps lie 5000 s from this node's clock")
    assert "set use_sim_time for a bag" in pairs.message


def test_the_summary_is_one_line_on_everything() -> None:
    last = reading(11.0, received=9, paired=8, outcomes={Outcome.DERAINED: 6, Outcome.REPLACED: 2})
    assert summary(last) == (
        "Received 9 left, 9 right; 8 pairs: 6 derained, 2 replaced; "
        "age at publication p50 20.0 ms, p95 40.0 ms."
    )
    assert "0 pairs: none came out" in summary(reading(11.0))


def test_the_state_is_told_with_the_reason_for_staying_in_it() -> None:
    active = state_status("/n", "active", "")
    assert (active.level, active.message, active.name) == (DiagnosticStatus.OK, "OK", "/n: state")
    inactive = state_status("/n", "inactive", "")
    assert inactive.level == DiagnosticStatus.WARN
    assert inactive.message == "The node is inactive, so nothing comes out."
    failed = state_status("/n", "unconfigured", "No weights 'x'.")
    assert (failed.level, failed.message) == (DiagnosticStatus.ERROR, "No weights 'x'.")
    assert values(failed) == {"state": "unconfigured"}


def test_one_silent_camera_of_two_is_an_error() -> None:
    now = reading(13.0, received=9)
    silent = replace(now.input.frames[Side.RIGHT], received=0)
    half = replace(now, input=replace(now.input, frames=now.input.frames | {Side.RIGHT: silent}))
    inputs, _ = statuses(reading(10.0), half)
    assert inputs.level == DiagnosticStatus.ERROR
    assert inputs.message.startswith("No image on /right/image for 3 s")


def test_memory_that_ran_out_and_missed_deadlines_are_told() -> None:
    now = reading(11.0, received=9, paired=9, problem="Out of memory.", missed_deadlines=4)
    now.pairs.notes["out_of_memory"] = 1  # type: ignore[index]
    _, pairs = statuses(reading(10.0), now)
    assert pairs.level == DiagnosticStatus.WARN
    assert pairs.message.startswith("Out of memory. 4 deadlines of the outputs were missed")


def test_idle_and_disabled_are_no_faults() -> None:
    idle = reading(11.0, received=9, paired=9, outcomes={Outcome.UNWANTED: 9})
    _, pairs = statuses(reading(10.0), idle)
    assert (pairs.level, pairs.message[:5]) == (DiagnosticStatus.OK, "Idle:")
    _, pairs = statuses(reading(10.0), replace(idle, enabled=False))
    assert (pairs.level, pairs.message[:9]) == (DiagnosticStatus.OK, "Disabled:")


def test_the_network_tells_its_operating_points_and_memory() -> None:
    now = replace(reading(11.0), step=1, process_memory=123_400_000, device_memory=5_000_000)
    report = Diagnostics(IDENTITY, reading(10.0)).report(now)
    assert values(report[2]) == {
        "model": "tiny, 1 M parameters",
        "model_sha256": "abc",
        "device": "cuda:0",
        "device_memory_mb": "5.0",
        "process_memory_mb": "123.4",
        "enabled": "true",
        "raining": "",
        "rain_level": "",
        "operating_point": "0.5 tiny",
        "point_0": "1 tiny",
        "point_0_predicted_ms": "100.000",
        "point_0_derained": "0",
        "point_1": "0.5 tiny",
        "point_1_predicted_ms": "25.000",
        "point_1_derained": "0",
    }


def test_after_a_reset_rates_begin_anew() -> None:
    diagnostics = Diagnostics(IDENTITY, reading(0.0, received=1000))
    diagnostics.begin(reading(5.0))
    assert values(diagnostics.report(reading(6.0, received=10))[0])["left_rate_hz"] == "10.00"
