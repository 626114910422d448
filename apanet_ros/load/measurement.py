"""What a load test measured, and the promises that it shows kept or broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from apanet_core.streaming.statistics import Outcome, Stage, percentile

# What one part of a run may differ from another without that it grew.
_MEMORY_GROWTH = 0.03
_MEMORY_JITTER_MB = 10.0
_AGE_GROWTH = 0.5


@dataclass(frozen=True)
class LoadMeasurement:
    """One run under load; seconds, unless a name says otherwise.

    Attributes:
        rate: pairs a second that the cameras sent.
        sent: pairs that they sent.
        seconds: for which they did.
        budget: of the latency; 0 is no limit.
        step_times: what a pair takes at each operating point, best first, before the load.
        times: of each published pair's stages.
        delivered: from each pair's stamp until it had come to a subscriber in another process.
        counters: the node's statuses "input" and "pairs", once nothing is under way.
        derained_at: pairs derained at each operating point.
        memory_mb: of the node's process, once a second.
        threads: of the node's process, before and after.
    """

    rate: float
    sent: int
    seconds: float
    budget: float
    step_times: Sequence[float]
    times: Sequence[Mapping[Stage, float]]
    delivered: Sequence[float]
    counters: Mapping[str, int]
    derained_at: Sequence[int]
    memory_mb: Sequence[float]
    threads: tuple[int, int]

    @property
    def ages(self) -> list[float]:
        """Of each published pair, at publication."""
        return [times[Stage.AGE] for times in self.times]

    @property
    def overheads(self) -> list[float]:
        """Age at publication less the network's time, of each derained pair."""
        return [t[Stage.AGE] - t[Stage.INFER] for t in self.times if Stage.INFER in t]

    @property
    def transports(self) -> list[float]:
        """From the stamp until both images have come to the node, of each derained pair."""
        before = (Stage.WAIT, Stage.READ)
        return [
            t[Stage.ARRIVAL] - sum(t[stage] for stage in before)
            for t in self.times
            if Stage.INFER in t
        ]

    @property
    def rests(self) -> list[float]:
        """What no stage of a derained pair accounts for."""
        after = (Stage.ARRIVAL, Stage.INFER, Stage.WRITE, Stage.PUBLISH)
        return [
            t[Stage.AGE] - sum(t.get(stage, 0.0) for stage in after)
            for t in self.times
            if Stage.INFER in t
        ]


@dataclass(frozen=True)
class Promise:
    """Something the node promises, and whether a run shows it kept."""

    name: str
    kept: bool
    figures: str


def promises(run: LoadMeasurement) -> list[Promise]:
    """Judge a run."""
    return [
        _counters_add_up(run),
        *([_age_is_within_budget(run)] if run.budget and run.times else []),
        *([_age_does_not_grow(run)] if len(run.times) >= 6 else []),
        *([_memory_does_not_grow(run)] if len(run.memory_mb) >= 4 else []),
        _no_thread_is_left(run),
        *([_best_when_there_is_time(run)] if _is_light(run) else []),
    ]


def _counters_add_up(run: LoadMeasurement) -> Promise:
    count = run.counters
    outcomes = sum(count[outcome.value] for outcome in Outcome)
    images = all(
        count[f"{side}_received"]
        == sum(count[f"{side}_{way}"] for way in ("paired", "unpaired", "stamp_jump", "waiting"))
        for side in ("left", "right")
    )
    paired = count["left_paired"] == count["right_paired"] == count["paired"]
    kept = images and paired and count["paired"] == outcomes + count["in_flight"]
    return Promise(
        "counters add up",
        kept,
        f"{run.sent} sent, {count['left_received']} and {count['right_received']} came, "
        f"{count['paired']} paired, {count['derained']} derained, {outcomes} accounted for",
    )


def _age_is_within_budget(run: LoadMeasurement) -> Promise:
    """Within the budget and one inference at the lowest operating point."""
    limit, age = run.budget + run.step_times[-1], percentile(run.ages, 0.99)
    figures = f"p99 {1000 * age:.1f} ms of {1000 * limit:.1f} ms"
    return Promise("age within budget and one inference", age <= limit, figures)


def _age_does_not_grow(run: LoadMeasurement) -> Promise:
    third = len(run.times) // 3
    first, last = median(run.ages[:third]), median(run.ages[-third:])
    limit = first * (1 + _AGE_GROWTH) + run.step_times[-1]
    figures = f"median {1000 * first:.1f} ms in the first third, {1000 * last:.1f} ms in the last"
    return Promise("age does not grow", last <= limit, figures)


def _memory_does_not_grow(run: LoadMeasurement) -> Promise:
    """From the second quarter on, since buffers fill up at first."""
    quarter = len(run.memory_mb) // 4
    second = fmean(run.memory_mb[quarter : 2 * quarter])
    last = fmean(run.memory_mb[-quarter:])
    kept = last - second <= max(_MEMORY_JITTER_MB, _MEMORY_GROWTH * second)
    figures = f"{second:.1f} MB in the second quarter, {last:.1f} MB in the last"
    return Promise("memory does not grow", kept, figures)


def _no_thread_is_left(run: LoadMeasurement) -> Promise:
    before, after = run.threads
    return Promise("no thread is left", after <= before, f"{before} before, {after} after")


def _is_light(run: LoadMeasurement) -> bool:
    """Whether the best operating point could take every pair and idle half of the time."""
    return 2 * run.rate * run.step_times[0] <= 1


def _best_when_there_is_time(run: LoadMeasurement) -> Promise:
    best, paired = run.derained_at[0], run.counters["paired"]
    figures = f"{best} of {paired} at the best operating point"
    return Promise("every pair at the best operating point", best == paired, figures)
