from __future__ import annotations

import pytest

pytest.importorskip("torch")

import numpy as np
import torch
from torch.utils.data import DataLoader

from apanet_core.data.scene import Scene
from apanet_core.data.synthetic_rain import SyntheticRain
from apanet_core.errors import ImageError

CROP = (48, 64)


@pytest.fixture(scope="module")
def scenes(make_scenes) -> list[Scene]:
    return make_scenes(2, 80, 120)


def same(one: tuple[torch.Tensor, ...], two: tuple[torch.Tensor, ...]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, two, strict=True))


def test_a_sample_is_four_views_in_range(scenes) -> None:
    samples = SyntheticRain(scenes, CROP, 3, seed=1)

    assert len(samples) == 3
    for view in samples[0]:
        assert view.shape == (3, *CROP)
        assert view.dtype == torch.float32
        assert view.min() >= 0
        assert view.max() <= 1


def test_a_sample_depends_on_seed_and_index_alone(scenes) -> None:
    samples = SyntheticRain(scenes, CROP, 8, seed=1)
    backwards = [SyntheticRain(scenes, CROP, 800, seed=1)[index] for index in reversed(range(8))]

    assert all(same(samples[i], backwards[7 - i]) for i in range(8))
    assert not same(samples[0], samples[1])
    assert not same(samples[0], SyntheticRain(scenes, CROP, 8, seed=2)[0])


def test_worker_processes_make_the_same_samples(scenes) -> None:
    samples = SyntheticRain(scenes, CROP, 4, seed=1)

    batches = list(DataLoader(samples, batch_size=2, num_workers=1))

    assert all(same([view[i % 2] for view in batches[i // 2]], samples[i]) for i in range(4))


def rainy_share(scenes: list[Scene], clear_share: float, count: int) -> float:
    samples = SyntheticRain(scenes, CROP, count, seed=5, clear_share=clear_share)
    return float(
        np.mean(
            [not torch.equal(samples[i].rainy_left, samples[i].clean_left) for i in range(count)]
        )
    )


def test_the_clear_share_is_dry(scenes) -> None:
    assert rainy_share(scenes, clear_share=1.0, count=5) == 0
    assert rainy_share(scenes, clear_share=0.0, count=5) == 1
    assert 0.3 < rainy_share(scenes, clear_share=0.5, count=40) < 0.7


def test_a_dry_sample_is_equal_in_both_views(scenes) -> None:
    sample = SyntheticRain(scenes, CROP, 1, seed=0, clear_share=1.0)[0]

    assert torch.equal(sample.rainy_left, sample.clean_left)
    assert torch.equal(sample.rainy_right, sample.clean_right)


def test_a_crop_larger_than_a_scene_is_refused(scenes) -> None:
    with pytest.raises(
        ImageError,
        match="clean pair of 120x80 is smaller than the crop of 64x81: choose a smaller crop",
    ):
        SyntheticRain(scenes, (81, 64), 1, seed=0)


def test_the_smallest_scene_counts(make_scenes) -> None:
    scenes = [*make_scenes(1, 80, 120), *make_scenes(1, 90, 100)]

    with pytest.raises(ImageError, match="100x80 is smaller than the crop of 110x48"):
        SyntheticRain(scenes, (48, 110), 1, seed=0)


def overlap(left: torch.Tensor, right: torch.Tensor, disparity: int) -> tuple[torch.Tensor, ...]:
    """The parts of both views that show the same surface, if it has this disparity."""
    width = left.shape[-1]
    columns = slice(max(0, disparity), width + min(0, disparity))
    return left[..., columns], right[..., columns.start - disparity : columns.stop - disparity]


def best_disparity(left: torch.Tensor, right: torch.Tensor) -> int:
    """The whole disparity, of either sign, at which the views agree best."""
    errors = {}
    for disparity in range(-8, 9):
        ours, theirs = overlap(left, right, disparity)
        errors[disparity] = (ours - theirs).abs().mean().item()
    return min(errors, key=errors.__getitem__)


def test_mirrored_samples_keep_the_epipolar_geometry() -> None:
    texture = np.random.default_rng(0).integers(40, 200, (40, 106, 3), np.uint8)
    # Left column x shows what right column x - 6 shows.
    scene = Scene(texture[:, :-6], texture[:, 6:], np.full((40, 100), 6, np.float16))
    samples = SyntheticRain([scene], (32, 80), 16, seed=0, clear_share=1.0)

    assert [best_disparity(*samples[i][2:]) for i in range(16)] == [6] * 16


def test_some_samples_are_mirrored() -> None:
    ramp = np.broadcast_to(np.arange(0, 200, 2, np.uint8)[None, :, None], (40, 100, 3))
    scene = Scene(ramp, ramp, np.zeros((40, 100), np.float16))
    samples = SyntheticRain([scene], (32, 80), 16, seed=0, clear_share=1.0)

    rows = [samples[i].clean_left[0, 0] for i in range(16)]

    assert 3 < sum(bool(row[-1] > row[0]) for row in rows) < 13


def test_each_rainy_view_goes_with_its_clean_one(scenes) -> None:
    samples = SyntheticRain(scenes, CROP, 16, seed=3, clear_share=0.0)

    for i in range(16):
        rainy, clean = samples[i][:2], samples[i][2:]
        for view in (0, 1):
            own, other = (
                (rainy[view] - target).square().mean() for target in (clean[view], clean[1 - view])
            )
            assert own < other
