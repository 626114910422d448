"""What only a sequence shows: odometry and flicker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from apanet_core.downstream.figures import DriftFigures
from apanet_core.downstream.odometry import StereoOdometry
from apanet_core.downstream.pairs import Pairs
from apanet_core.downstream.poses_file import read_poses
from apanet_core.downstream.trajectory import (
    SHORT_LENGTHS_M,
    Drift,
    Poses,
    measure_drift,
    travelled_m,
)
from apanet_core.errors import ImageError
from apanet_core.evaluation.derain import Views
from apanet_core.evaluation.flicker import consistent_pixels, dense_flow, temporal_difference
from apanet_core.imaging.disparity import match_disparity
from apanet_core.imaging.types import ByteImage, FloatMap
from apanet_core.progress import progress


@dataclass(frozen=True)
class Trajectory:
    """One condition's odometry: its poses, the steps it lost, and its drift."""

    poses: Poses
    lost: int
    drift: Drift

    @property
    def figures(self) -> DriftFigures:
        """The figures that tables show."""
        drift = self.drift
        return DriftFigures(
            drift.translation, drift.rotation_deg_per_m, drift.end_m, float(self.lost)
        )


@dataclass(frozen=True)
class SequenceResults:
    """Trajectories by condition, and the reference: the true one, or the clean one."""

    trajectories: dict[str, Trajectory]
    reference: Poses
    is_truth: bool

    @property
    def way_m(self) -> float:
        """Length of the reference, metres."""
        return float(travelled_m(self.reference)[-1])


class SequenceMeasurement:
    """Takes frame after frame in all conditions.

    Args:
        clean: the odometry of the clean frames.
        truth: the true trajectory to compare with; None takes the clean one.
        conditions: the others.

    Attributes:
        reference: the trajectory that is compared with.
        is_truth: whether that is the true one.
    """

    def __init__(
        self, clean: StereoOdometry, truth: Poses | None, conditions: Iterable[str]
    ) -> None:
        self.is_truth = truth is not None
        self.reference = clean.poses if truth is None else truth
        self._clean = clean
        self._odometry = {name: StereoOdometry(clean.camera) for name in conditions}
        self._before: dict[str, ByteImage] = {}

    def advance(
        self, views: Mapping[str, Views], disparities: Mapping[str, FloatMap]
    ) -> dict[str, float]:
        """Take the next frame, the condition "clean" included, and return each one's flicker.

        Flicker is the mean difference from the frame before along the *clean* frames' motion, in
        levels of 0 to 255; empty for the first frame.
        """
        for name, odometry in self._odometry.items():
            odometry.advance(views[name][0], disparities[name])
        lefts = {name: left for name, (left, _) in views.items()}
        before, self._before = self._before, lefts
        if not before:
            return {}
        forward = dense_flow(before["clean"], lefts["clean"])
        followed = consistent_pixels(forward, dense_flow(lefts["clean"], before["clean"]))
        return {
            name: temporal_difference(before[name], left, forward, followed)
            for name, left in lefts.items()
        }

    def results(self) -> SequenceResults:
        """Return every condition's trajectory, the clean one last, and what it is compared with."""
        trajectories = {
            name: Trajectory(
                odometry.poses, odometry.lost, measure_drift(odometry.poses, self.reference)
            )
            for name, odometry in {**self._odometry, "clean": self._clean}.items()
        }
        return SequenceResults(trajectories, self.reference, self.is_truth)


def prepare_sequence(
    pairs: Pairs,
    models: Sequence[str],
    poses_file: Path | None = None,
    largest_px: float | None = None,
) -> SequenceMeasurement:
    """Follow the clean pairs, so that a sequence that will not do shows before any is derained.

    Args:
        pairs: consecutive ones.
        models: names of the conditions beside "rainy" and "clean".
        poses_file: the true trajectory in KITTI's format; without it the clean one is the
            reference.
        largest_px: as `match_disparity` takes it.

    Raises:
        ImageError: there is one pair only, their sizes differ, the poses cannot be used, or the
            camera hardly moves.
    """
    if len(pairs) < 2:
        raise ImageError(
            f"A sequence needs two pairs at least, and this is {len(pairs)}: give more of them, or "
            "leave out --sequence."
        )
    truth = None if poses_file is None else read_poses(poses_file, len(pairs))
    sequence = SequenceMeasurement(_follow_clean(pairs, largest_px), truth, ("rainy", *models))
    _check_way(sequence.reference)
    return sequence


def _follow_clean(pairs: Pairs, largest_px: float | None) -> StereoOdometry:
    frames = iter(progress(pairs.clean(), "follow clean", len(pairs), unit="pair"))
    first = next(frames)
    odometry = StereoOdometry(first.camera)
    for name, frame in zip(pairs.names, chain([first], frames), strict=True):
        if frame.left.shape != first.left.shape:
            raise ImageError(
                f"{name} is {_size(frame.left.shape)}, {pairs.names[0]} is "
                f"{_size(first.left.shape)}: the frames of a sequence need one size."
            )
        odometry.advance(frame.left, match_disparity(frame.left, frame.right, largest_px))
    return odometry


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]}"


def _check_way(poses: Poses) -> None:
    way = float(travelled_m(poses)[-1])
    if way < SHORT_LENGTHS_M[0]:
        raise ImageError(
            f"The camera moves {way:.1f} m over these {len(poses)} pairs, and drift needs "
            f"{SHORT_LENGTHS_M[0]} m: give a longer sequence, or leave out --sequence."
        )
