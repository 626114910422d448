"""What is wrong, in sentences that say what to do."""

from __future__ import annotations

from typing import NamedTuple

from diagnostic_msgs.msg import DiagnosticStatus

from apanet_core.streaming.pairing import Side
from apanet_core.streaming.statistics import Outcome, Stage
from apanet_ros.diagnostics.reading import Change, Identity, Reading
from apanet_ros.notes import OUT_OF_MEMORY
from apanet_ros.stereo.stereo_input import NONE, SYNCHRONISED

_UNEVEN_IMAGES = 5
# Stamps this far from the node's clock, in seconds, were made by another clock.
_FOREIGN_CLOCK = 10.0


class Complaint(NamedTuple):
    """A sentence and its level: ERROR where nothing comes out derained because of it."""

    level: bytes
    sentence: str


def warning(sentence: str) -> Complaint:
    """Something to mend."""
    return Complaint(DiagnosticStatus.WARN, sentence)


def error(sentence: str) -> Complaint:
    """Something to mend before anything works."""
    return Complaint(DiagnosticStatus.ERROR, sentence)


def about_input(since: Change, identity: Identity) -> list[Complaint]:
    """What is wrong with what comes in."""
    complaints = [
        *_about_frames(since, identity),
        *map(warning, missing_camera_infos(since.now, identity)),
        *_about_camera_infos(since),
        *map(warning, since.now.rectification),
        *map(warning, since.now.frames),
        *map(warning, since.now.latches),
        *map(error, since.now.qos_problems),
    ]
    # Both cameras may be one topic, of views side by side.
    return list(dict.fromkeys(complaints))


def about_pairs(since: Change) -> list[Complaint]:
    """What is wrong with what becomes of the pairs."""
    severity = warning if since.left(Outcome.DERAINED) else error
    complaints = []
    if since.left(Outcome.REJECTED, Outcome.FAILED) or since.noted(OUT_OF_MEMORY):
        complaints.append(severity(since.now.problem))
    if over := since.left(Outcome.PASSED_OVER_BUDGET, Outcome.LATE):
        complaints.append(severity(_over_budget(over, since.now)))
    if missed := since.now.missed_deadlines - since.before.missed_deadlines:
        complaints.append(
            warning(
                f"{missed} deadlines of the outputs were missed: raise output_deadline_ms, or see "
                "above why pairs come late."
            )
        )
    return complaints


def missing_camera_infos(reading: Reading, identity: Identity) -> list[str]:
    """Say of each camera that sends images but never sent an info, what to do."""
    if identity.camera_info == NONE:
        return []
    effect = "its images go out without one"
    if identity.camera_info == SYNCHRONISED:
        effect = "no pair is taken"
    return [
        f"No message on {topics.camera_info} yet, so {effect}: remap the camera's info to this "
        "name."
        for side, topics in identity.topics.items()
        if reading.input.frames[side].received and not reading.input.camera_infos[side]
    ]


def _about_camera_infos(since: Change) -> list[Complaint]:
    """Only where pairs wait for them; one that never came is told elsewhere."""
    if not since.lacking_camera_info or 0 in since.now.input.camera_infos.values():
        return []
    severity = warning if since.paired else error
    return [
        severity(
            f"{since.lacking_camera_info} pairs had no camera_info of their own stamp, so they "
            "were not taken: let the driver stamp image and camera_info alike, or set camera_info "
            "to latest."
        )
    ]


def _about_frames(since: Change, identity: Identity) -> list[Complaint]:
    silent = [side for side in Side if not since.received(side)]
    if silent:
        severity = error if len(silent) == 1 else warning
        return [
            severity(
                f"No image on {identity.topics[side].image} for {since.seconds:.0f} s: check "
                "that the camera runs and that its topic is remapped to this name."
            )
            for side in silent
        ]
    if _uneven(since):
        return [_loss(since)]
    return [] if since.paired or since.lacking_camera_info else [_skew(since.now)]


def _uneven(since: Change) -> bool:
    """Whether one camera brings twice the other's images, beyond what chance does to a few."""
    fewer, more = sorted(since.received(side) for side in Side)
    return more >= 2 * fewer and more - fewer >= _UNEVEN_IMAGES


def _loss(since: Change) -> Complaint:
    left, right = (since.rate(since.received(side)) for side in Side)
    return warning(
        f"Left images come at {left} Hz and right ones at {right} Hz, so most have no partner: "
        "large images get lost on the way unless the middleware is given room for them (see "
        "docs/large_images.md)."
    )


def _skew(reading: Reading) -> Complaint:
    skew = reading.input.waiting_skew
    nearest = "" if skew is None else f" (the nearest are {skew / 1e6:.3f} ms apart)"
    return error(
        f"Both cameras send, but no stamps lie within the slop of {1000 * reading.slop:.3f} ms"
        f"{nearest}: raise slop, or synchronise the cameras."
    )


def _over_budget(over: int, reading: Reading) -> str:
    age = reading.pairs.times[Stage.ARRIVAL].p50
    if abs(age) > _FOREIGN_CLOCK:
        return (
            f"Stamps lie {age:.0f} s from this node's clock, so no pair fits the budget: set "
            "use_sim_time for a bag, or latency_reference to receipt."
        )
    known = [seconds for seconds in reading.predicted if seconds is not None]
    fastest = f" and deraining takes {1000 * min(known):.1f} ms at the least" if known else ""
    return (
        f"Overload: {over} pairs were not derained in time: the budget is "
        f"{1000 * reading.budget:.1f} ms{fastest}, beside {1000 * max(age, 0):.1f} ms until a pair "
        "is at hand. Raise latency_budget_ms, add a faster operating point to the ladder, send "
        "smaller images or use a faster device."
    )
