from __future__ import annotations

import cv2
import numpy as np
import pytest

from apanet_core.downstream.compare import compare
from apanet_core.downstream.pairs import Pairs, Rain
from apanet_core.downstream.poses_file import poses_text
from apanet_core.downstream.results import Results, summarise
from apanet_core.downstream.sequence import prepare_sequence
from apanet_core.errors import ImageError
from apanet_core.sequences.stereo_frame import StereoFrame


@pytest.fixture(scope="module")
def frames(see, drive, camera) -> list[StereoFrame]:
    views = [see(pose) for pose in drive]
    return [
        StereoFrame(number * 100_000_000, view.left, view.right, camera, view.disparity)
        for number, view in enumerate(views)
    ]


@pytest.fixture(scope="module")
def pairs(frames) -> Pairs:
    """In coarse noise of its own in every view, which is worse than any rain."""

    def noisy(number: int):
        generator = np.random.default_rng(number)
        frame = frames[number]
        size = frame.left.shape[:2]
        noise = (cv2.GaussianBlur(generator.normal(0, 150, size), (0, 0), 1.5) for _ in range(2))
        views = zip((frame.left, frame.right), noise, strict=True)
        left, right = (np.clip(view + extra[..., None], 0, 255) for view, extra in views)
        return left.astype(np.uint8), right.astype(np.uint8)

    return Pairs([str(number) for number in range(len(frames))], frames.__getitem__, noisy)


@pytest.fixture(scope="module")
def poses_file(drive, tmp_path_factory):
    path = tmp_path_factory.mktemp("poses") / "poses.txt"
    path.write_text(poses_text(drive))
    return path


@pytest.fixture(scope="module")
def results(pairs, frames, poses_file) -> Results:
    """With a derainer that knows the answer, against the true trajectory."""
    answers = iter(frames)

    def derain(*_):
        frame = next(answers)
        return frame.left, frame.right

    sequence = prepare_sequence(pairs, ["perfect"], poses_file)
    return compare(pairs, {"perfect": derain}, sequence=sequence)


def test_every_condition_is_followed(results) -> None:
    drifts = {
        name: found.drift.translation for name, found in results.sequence.trajectories.items()
    }

    assert results.sequence.is_truth
    assert list(drifts) == ["rainy", "perfect", "clean"]
    assert drifts["clean"] < 0.05
    assert drifts["perfect"] == pytest.approx(drifts["clean"])
    assert drifts["rainy"] > 2 * drifts["clean"]
    assert results.sequence.way_m == pytest.approx(5.5, abs=0.05)


def test_flicker_is_measured_from_the_second_frame_on(results) -> None:
    flicker = {
        name: [found.figures.flicker for found in results.of(name)] for name in results.conditions
    }

    assert np.isnan([values[0] for values in flicker.values()]).all()
    assert not np.isnan(flicker["rainy"][1:]).any()
    assert flicker["perfect"][1:] == flicker["clean"][1:]
    assert np.mean(flicker["rainy"][1:]) > 1.5 * np.mean(flicker["clean"][1:])


def test_the_summary_has_drift_and_flicker(results) -> None:
    rows = {row.definition.key: row for row in summarise(results)}

    assert rows["translation"].better == {"perfect": 1}
    assert rows["translation"].judged == 1
    assert rows["flicker"].judged == len(results.of("clean")) - 1
    assert rows["lost"].means["clean"] == 0


def test_without_poses_the_clean_trajectory_is_the_reference(pairs) -> None:
    sequence = prepare_sequence(pairs, [])

    for pair in pairs:
        views = {"rainy": pair.rainy, "clean": (pair.clean.left, pair.clean.right)}
        sequence.advance(views, dict.fromkeys(views, pair.clean.disparity))

    assert not sequence.is_truth
    found = sequence.results().trajectories
    assert found["clean"].drift.translation == pytest.approx(0)
    assert found["clean"].drift.end_m == pytest.approx(0)
    assert found["rainy"].drift.end_m > 0.01


def test_one_pair_is_no_sequence(pairs) -> None:
    with pytest.raises(ImageError, match="needs two pairs at least, and this is 1: give more"):
        prepare_sequence(pairs.first(1), [])


def test_a_way_too_short_is_told_before_anything_is_derained(pairs) -> None:
    with pytest.raises(ImageError, match=r"moves 1\.\d m over these 4 pairs, and drift needs 5 m"):
        prepare_sequence(pairs.first(4), [])


def test_frames_of_two_sizes_are_told(frames, camera) -> None:
    frame = frames[1]
    cut = StereoFrame(frame.stamp_ns, frame.left[1:], frame.right[1:], camera)
    pairs = Pairs(("0", "1"), [frames[0], cut].__getitem__, Rain("light", 1, runs_on=True))

    with pytest.raises(ImageError, match=r"1 is 320x159, 0 is 320x160: the frames of a sequence"):
        prepare_sequence(pairs, [])


def test_poses_of_other_frames_are_refused(pairs, poses_file) -> None:
    with pytest.raises(ImageError, match="holds 12 poses for 11 pairs"):
        prepare_sequence(pairs.first(11), [], poses_file)
