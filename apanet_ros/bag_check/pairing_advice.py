"""Which slop, offset and queue let the node pair the images of two cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from apanet_core.streaming.regularity import regularity
from apanet_core.streaming.statistics import percentile
from apanet_ros.bags.stereo_index import (
    DEFAULT_SLOP_NS,
    CameraStamps,
    pair_cameras,
    pair_recordings,
)

DEFAULT_QUEUE = 10
LARGEST_QUEUE = 100
"""The node's default and limit."""

_ENOUGH = 0.98
"""A share of pairs that no other parameters are looked for to better."""
_BETTER = 0.02
_MILLISECOND = 1_000_000
_LARGEST_SLOP = 1000 * _MILLISECOND


@dataclass(frozen=True)
class Pairing:
    """Parameters, and the pairs that they make.

    Attributes:
        slop, right_offset: nanoseconds; the offset is added to the right camera's stamps.
        queue_size: images of each camera that may wait.
        live: whether the node makes them too, of images that come in the order of the bag.
        pairs: numbers of the left and the right image of each.
        skews: right stamp minus left stamp of each, nanoseconds, the offset not added.
        possible: how many pairs there could be: the images of the camera with fewer.
    """

    slop: int
    right_offset: int
    queue_size: int
    live: bool
    pairs: list[tuple[int, int]]
    skews: list[int]
    possible: int

    @property
    def share(self) -> float:
        """Part of the possible pairs that is made, 0 to 1."""
        return len(self.pairs) / self.possible if self.possible else 0.0


def advise_pairing(left: CameraStamps, right: CameraStamps) -> Pairing:
    """Return the node's defaults where they pair the cameras, else what pairs most.

    Pairs are counted by stamp, whatever the order of the bag. Where stamps are equal, clocks agree
    and no offset is looked for.
    """
    best = _paired(left, right, DEFAULT_SLOP_NS, 0)
    if best.share < _ENOUGH and left.known_ns and right.known_ns:
        for slop, offset in _candidates(left, right):
            if offset and not set(left.known_ns).isdisjoint(right.known_ns):
                continue
            other = _paired(left, right, slop, offset)
            if other.share > best.share + _BETTER:
                best = other
    return _in_order_of_the_bag(left, right, best)


def _in_order_of_the_bag(left: CameraStamps, right: CameraStamps, pairing: Pairing) -> Pairing:
    """Return a pairing with the queue that the node needs for it, if any is long enough."""
    moved = right.shifted(pairing.right_offset)
    wanted = (1 - _BETTER) * len(pairing.pairs)
    for queue_size in (DEFAULT_QUEUE, LARGEST_QUEUE):
        if len(pair_cameras(left, moved, pairing.slop, queue_size)) >= wanted:
            return replace(pairing, queue_size=queue_size)
    return replace(pairing, live=False)


def nearest_skews(left: Sequence[int], right: Sequence[int]) -> list[int]:
    """Return right minus left stamp of each image of the camera with fewer, to its nearest."""
    if len(right) < len(left):
        return [-skew for skew in nearest_skews(right, left)]
    ours, theirs = np.asarray(left, np.int64), np.sort(np.asarray(right, np.int64))
    after = np.clip(np.searchsorted(theirs, ours), 0, len(theirs) - 1)
    later, earlier = theirs[after] - ours, theirs[np.maximum(after - 1, 0)] - ours
    nearest = np.where(np.abs(later) < np.abs(earlier), later, earlier)
    return [int(skew) for skew in nearest]


def _candidates(left: CameraStamps, right: CameraStamps) -> list[tuple[int, int]]:
    """Slops and offsets worth a try: offsets of clocks that differ, then a wide slop."""
    interval = regularity(left.known_ns).interval
    coarse = _clock_difference(left, right)
    starts = (coarse, 0) if abs(coarse) > interval / 2 else (0,)
    skews = [abs(skew) for skew in nearest_skews(left.known_ns, right.known_ns)]
    wide = min(_milliseconds_up(percentile(skews, _ENOUGH)), round(interval / 2), _LARGEST_SLOP)
    offsets = [(DEFAULT_SLOP_NS, _refined(left, right, start)) for start in starts]
    return [*offsets, (max(DEFAULT_SLOP_NS, wide), 0)]


def _clock_difference(left: CameraStamps, right: CameraStamps) -> int:
    """What must be added to right stamps so that both cameras' images are recorded equally late."""
    late = [
        median(
            time - stamp
            for time, stamp in zip(each.times_ns, each.stamps_ns, strict=True)
            if stamp is not None
        )
        for each in (left, right)
    ]
    return round(late[1] - late[0])


def _refined(left: CameraStamps, right: CameraStamps, offset: int) -> int:
    """Return the offset that brings nearest stamps together, in whole tenths of a millisecond."""
    moved = right.shifted(offset).known_ns
    fine = offset - round(median(nearest_skews(left.known_ns, moved)))
    tenth = _MILLISECOND // 10
    return round(fine / tenth) * tenth


def _paired(left: CameraStamps, right: CameraStamps, slop: int, offset: int) -> Pairing:
    pairs = pair_recordings(left, right.shifted(offset), slop)
    skews = [(right.stamps_ns[two] or 0) - (left.stamps_ns[one] or 0) for one, two in pairs]
    possible = min(len(left.stamps_ns), len(right.stamps_ns))
    return Pairing(slop, offset, DEFAULT_QUEUE, True, pairs, skews, possible)


def _milliseconds_up(nanoseconds: float) -> int:
    return -int(-nanoseconds // _MILLISECOND) * _MILLISECOND
