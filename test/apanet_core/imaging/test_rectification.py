"""Rectified pictures against a camera of our own, model by model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from apanet_core.errors import ImageError
from apanet_core.imaging.calibration import Calibration
from apanet_core.imaging.rectification import Rectifier, rectify_maps

WIDTH, HEIGHT = 160, 120
MODELS = {
    "plumb_bob": (-0.25, 0.06, 0.002, -0.001, 0.01),
    "rational_polynomial": (0.3, 0.1, 0.001, -0.002, 0.02, 0.5, 0.12, 0.01),
    "equidistant": (0.05, -0.02, 0.01, -0.003),
}


def turned(degrees: float) -> Any:
    return cv2.Rodrigues(np.radians(degrees) * np.array([0.5, 0.7, 0.2]))[0]


def camera(model: str, degrees: float = 3.0) -> Calibration:
    return Calibration(
        WIDTH,
        HEIGHT,
        k=(110.0, 0.0, 81.0, 0.0, 112.0, 58.0, 0.0, 0.0, 1.0),
        r=tuple(turned(degrees).flat),
        p=(100.0, 0.0, 80.0, -12.0, 0.0, 100.0, 60.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        distortion_model=model,
        d=MODELS[model],
    )


def distorted(x: Any, y: Any, model: str) -> tuple[Any, Any]:
    """The models by their formulas, from normalised coordinates to normalised coordinates."""
    d = MODELS[model]
    squared = x * x + y * y
    if model == "equidistant":
        radius = np.sqrt(squared)
        angle = np.arctan(radius)
        bent = angle * (1 + sum(c * angle ** (2 * n + 2) for n, c in enumerate(d)))
        return x * bent / radius, y * bent / radius
    above = 1 + d[0] * squared + d[1] * squared**2 + d[4] * squared**3
    below = 1.0
    if model == "rational_polynomial":
        below = 1 + d[5] * squared + d[6] * squared**2 + d[7] * squared**3
    factor = above / below
    return (
        x * factor + 2 * d[2] * x * y + d[3] * (squared + 2 * x * x),
        y * factor + d[2] * (squared + 2 * y * y) + 2 * d[3] * x * y,
    )


def raw_coordinates(calibration: Calibration) -> tuple[Any, Any]:
    """Where each rectified pixel lies in the raw image."""
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    pixels = np.stack([columns, rows, np.ones_like(rows)]).reshape(3, -1)
    rays = calibration.rotation.T @ np.linalg.inv(calibration.projection[:, :3]) @ pixels
    x, y = distorted(rays[0] / rays[2], rays[1] / rays[2], calibration.distortion_model)
    raw = calibration.camera_matrix @ np.stack([x, y, np.ones_like(x)])
    return raw[0].reshape(HEIGHT, WIDTH), raw[1].reshape(HEIGHT, WIDTH)


def waves(columns: Any, rows: Any) -> Any:
    """A smooth picture that can be asked for its value anywhere."""
    channels = [
        np.sin(columns / 9) + np.cos(rows / 7),
        np.sin(rows / 11),
        np.cos((columns + rows) / 13),
    ]
    return np.stack([127 + 60 * channel for channel in channels], axis=-1)


@pytest.mark.parametrize("model", MODELS)
def test_each_model_is_undone(model: str) -> None:
    calibration = camera(model)
    raw = waves(*np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))).round().astype(np.uint8)
    rectified = Rectifier().rectify(raw, calibration)
    columns, rows = raw_coordinates(calibration)
    expected = waves(columns, rows)
    inside = (columns > 1) & (columns < WIDTH - 2) & (rows > 1) & (rows < HEIGHT - 2)
    assert inside.mean() > 0.7
    assert np.abs(rectified[inside].astype(float) - expected[inside]).max() < 3
    far_outside = (columns < -2) | (columns > WIDTH + 1) | (rows < -2) | (rows > HEIGHT + 1)
    assert not rectified[far_outside].any()


def test_a_stereo_pair_has_equal_rows_afterwards() -> None:
    """Points in front of two turned, distorted cameras, rectified by OpenCV's own stereo set-up."""
    matrix = np.array([[110.0, 0, 81], [0, 112, 58], [0, 0, 1]])
    bend = np.array(MODELS["plumb_bob"])
    rotation, translation = turned(4.0), np.array([-0.2, 0.01, 0.005])
    left_r, right_r, left_p, right_p, *_ = cv2.stereoRectify(
        matrix, bend, matrix, bend, (WIDTH, HEIGHT), rotation, translation[:, None]
    )
    points = np.random.default_rng(0).uniform([-0.6, -0.4, 2], [0.6, 0.4, 3], (20, 3))
    sides = {
        "left": (np.zeros(3), np.zeros(3), left_r, left_p),
        "right": (cv2.Rodrigues(rotation)[0], translation, right_r, right_p),
    }
    rows: dict[str, list[float]] = {side: [] for side in sides}
    for point in points:
        for side, (turn, move, r, p) in sides.items():
            (raw,) = cv2.projectPoints(point[None], turn, move, matrix, bend)[0][0]
            picture = blob(*raw)
            calibration = Calibration(
                WIDTH,
                HEIGHT,
                tuple(matrix.flat),
                tuple(r.flat),
                tuple(p.flat),
                "plumb_bob",
                tuple(bend),
            )
            rows[side].append(centre_row(Rectifier().rectify(picture, calibration)))
    difference = np.abs(np.array(rows["left"]) - rows["right"])
    assert difference.max() < 0.3


def blob(column: float, row: float) -> Any:
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    value = 250 * np.exp(-((columns - column) ** 2 + (rows - row) ** 2) / 8)
    return np.repeat(value.astype(np.uint8)[..., None], 3, axis=2)


def centre_row(picture: Any) -> float:
    weight = picture[..., 0].astype(float)
    return float((weight.sum(axis=1) * np.arange(HEIGHT)).sum() / weight.sum())


def test_a_rectified_picture_is_returned_itself() -> None:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    assert Rectifier().rectify(picture, camera("plumb_bob").rectified()) is picture


def test_the_maps_are_made_once_and_anew_when_the_calibration_changes(monkeypatch: Any) -> None:
    made: list[Calibration] = []

    def count(calibration: Calibration) -> Any:
        made.append(calibration)
        return rectify_maps(calibration)

    monkeypatch.setattr("apanet_core.imaging.rectification.rectify_maps", count)
    rectifier, picture = Rectifier(), np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for model in ("plumb_bob", "plumb_bob", "equidistant", "equidistant", "plumb_bob"):
        rectifier.rectify(picture, camera(model))
    assert [each.distortion_model for each in made] == ["plumb_bob", "equidistant", "plumb_bob"]


def test_a_bad_calibration_does_not_keep_the_maps_of_the_one_before() -> None:
    rectifier, picture = Rectifier(), np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    rectifier.rectify(picture, camera("plumb_bob"))
    unknown = replace(camera("plumb_bob"), distortion_model="thin_prism")
    for _ in range(2):
        with pytest.raises(ImageError, match="'thin_prism' is not known"):
            rectifier.rectify(picture, unknown)


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(ImageError, match="The image is 80 x 60, its calibration for 160 x 120"):
        Rectifier().rectify(np.zeros((60, 80, 3), np.uint8), camera("plumb_bob"))
