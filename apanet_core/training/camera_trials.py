"""Trials that are sent by several kinds of cameras in turn, so that each of them counts."""

from __future__ import annotations

import numpy as np

from apanet_core.evaluation.cameras import choose_cameras, through_cameras
from apanet_core.evaluation.comparison import Comparison, Record
from apanet_core.evaluation.method import INPUT
from apanet_core.evaluation.quality import known_mean
from apanet_core.evaluation.trials import DRY, Trial, Trials

VALIDATION_CAMERAS = ("colour", "grey", "low-contrast", "warm", "bright-gamma", "noise")
"""As many as there are weathers, so that six scenes show every weather by every one of them."""


class CameraTrials:
    """Trials of which each is sent by one of `VALIDATION_CAMERAS`.

    The camera changes from scene to scene and from weather to weather. A trial is the same each
    time it is asked for, its camera's noise too.

    Args:
        trials: as they were before the camera.
        seed: of the cameras' noise.
    """

    def __init__(self, trials: Trials, seed: int) -> None:
        self._trials = trials
        self._seed = seed
        self._cameras = choose_cameras(VALIDATION_CAMERAS)

    @property
    def unit(self) -> str:
        """`pair` or `picture`."""
        return self._trials.unit

    def __len__(self) -> int:
        return len(self._trials)

    def __getitem__(self, index: int) -> Trial:
        generator = np.random.default_rng((self._seed, index))
        return through_cameras(self._trials[index], self._cameras[camera_of(index)], generator)


def camera_of(index: int) -> str:
    """Return which of `VALIDATION_CAMERAS` sends a trial.

    Every round begins one camera later, so that a scene that is met in all weathers, one round, is
    sent by all cameras, and the next scene by another one in each weather.
    """
    count = len(VALIDATION_CAMERAS)
    return VALIDATION_CAMERAS[(index + index // count) % count]


def gain_per_camera(found: Comparison, method: str) -> dict[str, float]:
    """Return the PSNR that a method gained over its input in the rain, dB, by camera.

    Args:
        found: what was measured of `CameraTrials`; dry trials do not count.
        method: its name.

    Returns:
        The means by name, in the order of `VALIDATION_CAMERAS`; of those that were met.
    """
    rainy = [row for row in found.records if row.weather != DRY]
    met = {camera_of(row.trial) for row in rainy}
    return {
        camera: _mean(rainy, camera, method) - _mean(rainy, camera, INPUT)
        for camera in VALIDATION_CAMERAS
        if camera in met
    }


def _mean(records: list[Record], camera: str, method: str) -> float:
    return known_mean(
        row.psnr for row in records if row.method == method and camera_of(row.trial) == camera
    )
