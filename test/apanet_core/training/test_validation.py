from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from apanet_core.imaging.files import write_rgb
from apanet_core.rain import SEVERITIES
from apanet_core.training.camera_trials import VALIDATION_CAMERAS
from apanet_core.training.validation import paired_validation, rendered_validation


def unchanged(left, right):
    return left, right


def halfway(left, right):
    """Darken both views a little."""
    return left - left // 8, right - right // 8


def test_rendered_rain_is_the_same_every_time(make_scenes) -> None:
    validate = rendered_validation(make_scenes(1, 48, 64))

    one, two = validate(unchanged), validate(unchanged)

    assert one.figures == two.figures
    assert one.score == one.figures["output_psnr"] == one.figures["input_psnr"]
    assert {f"psnr_{name}" for name in SEVERITIES} <= set(one.figures)
    assert one.figures["clear_psnr"] == 60.0
    assert one.picture.shape == (3 * 48, 64, 3)


def test_with_cameras_the_mean_gain_over_them_chooses(make_scenes) -> None:
    validate = rendered_validation(make_scenes(2, 48, 64), cameras=True)

    one, two, plain = validate(halfway), validate(halfway), validate(unchanged)

    assert one.figures == two.figures
    gains = {name: one.figures[f"gain_{name}"] for name in VALIDATION_CAMERAS}
    assert one.score == one.figures["mean_gain"] == pytest.approx(np.mean(list(gains.values())))
    assert all(abs(gain) > 0.01 for gain in gains.values())
    assert plain.score == 0
    assert all(plain.figures[f"gain_{name}"] == 0 for name in VALIDATION_CAMERAS)
    # What was recorded of a dry pair is its own target.
    assert plain.figures["clear_psnr"] == 60.0


def test_without_cameras_none_is_logged(make_scenes) -> None:
    found = rendered_validation(make_scenes(1, 48, 64))(unchanged)

    assert not any("gain" in name for name in found.figures)


def test_rainy_pairs_are_measured_against_their_clean_ones(tmp_path, make_scenes) -> None:
    scene = make_scenes(1, 48, 64)[0]
    files = [tmp_path / f"{name}.png" for name in ("rain_left", "rain_right", "left", "right")]
    for path, view in zip(
        files, (scene.left // 2, scene.right // 2, scene.left, scene.right), strict=True
    ):
        write_rgb(path, view)
    validate = paired_validation([files])

    found = validate(unchanged)
    perfect = validate(lambda *_: (scene.left, scene.right))

    assert found.score == found.figures["input_psnr"] < 20
    assert (perfect.score, perfect.figures["output_ssim"]) == (60.0, 1.0)
    assert (found.picture[:48] == scene.left // 2).all()
    assert (found.picture[-48:] == scene.left).all()


def test_rainy_pairs_are_sent_by_cameras_in_turn(tmp_path, make_scenes) -> None:
    scene = make_scenes(1, 48, 64)[0]
    files = [tmp_path / f"{name}.png" for name in ("rain_left", "rain_right", "left", "right")]
    for path, view in zip(
        files, (scene.left // 2, scene.right // 2, scene.left, scene.right), strict=True
    ):
        write_rgb(path, view)

    found = paired_validation([files] * 2, cameras=True)(unchanged)

    logged = {name for name in found.figures if name.startswith("gain_")}
    assert logged == {"gain_colour", "gain_grey"}
    assert found.score == 0
    assert found.picture.shape == (3 * 48, 64, 3)
