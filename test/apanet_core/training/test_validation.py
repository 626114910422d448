from __future__ import annotations

import pytest

pytest.importorskip("torch")

from apanet_core.imaging.files import write_rgb
from apanet_core.rain import SEVERITIES
from apanet_core.training.validation import paired_validation, rendered_validation


def unchanged(left, right):
    return left, right


def test_rendered_rain_is_the_same_every_time(make_scenes) -> None:
    validate = rendered_validation(make_scenes(1, 48, 64))

    one, two = validate(unchanged), validate(unchanged)

    assert one.figures == two.figures
    assert one.psnr == one.figures["output_psnr"] == one.figures["input_psnr"]
    assert {f"psnr_{name}" for name in SEVERITIES} <= set(one.figures)
    assert one.figures["clear_psnr"] == 60.0
    assert one.picture.shape == (3 * 48, 64, 3)


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

    assert found.psnr == found.figures["input_psnr"] < 20
    assert (perfect.psnr, perfect.figures["output_ssim"]) == (60.0, 1.0)
    assert (found.picture[:48] == scene.left // 2).all()
    assert (found.picture[-48:] == scene.left).all()
