"""Kinds of cameras to measure with, and what they send of a scene in the rain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from apanet_core.data.camera import Camera, CameraPair
from apanet_core.errors import ConfigError
from apanet_core.evaluation.trials import DRY, Trial
from apanet_core.imaging.types import ByteImage, FloatMap

COLOUR, GREY = Camera(), Camera(saturation=0.0)


def _both(camera: Camera) -> CameraPair:
    return camera, camera


CAMERAS: dict[str, CameraPair] = {
    "colour": _both(COLOUR),  # as the pictures are
    "grey": _both(GREY),
    "grey-black-level": _both(replace(GREY, black=20.0)),  # the darkest light is level 20
    "black-level": _both(Camera(black=20.0)),
    "low-contrast": _both(Camera(black=0.25 * 255, white=0.75 * 255)),  # 0.25 + 0.5 x
    "warm": _both(Camera(balance=(1.15, 1.0, 0.75))),  # gains of red, green and blue
    "cold": _both(Camera(balance=(0.8, 1.0, 1.2))),
    "bright-gamma": _both(Camera(gamma=0.7)),
    "dark-gamma": _both(Camera(gamma=1.6)),
    "s-curve": _both(Camera(s_curve=0.7)),
    "exposure-differs": (COLOUR, Camera(balance=(0.85, 0.85, 0.85))),
    "grey-left": (GREY, COLOUR),
    "noise": _both(Camera(noise_levels=6.0)),  # standard deviation at mid grey, levels
    "mosaic": _both(Camera(mosaic=True)),  # a Bayer pattern, demosaiced
    "jpeg-50": _both(Camera(jpeg_quality=50)),
    "defocus": _both(Camera(defocus_px=1.2)),  # standard deviation of the blur
}
"""The kinds that `apanet evaluate --cameras` measures: left and right camera by name."""


def choose_cameras(names: Sequence[str]) -> dict[str, CameraPair]:
    """Return the kinds named, in the order of `CAMERAS`; all of them where none is named.

    Raises:
        ConfigError: a name is unknown; the message lists the valid ones.
    """
    unknown = [name for name in names if name not in CAMERAS]
    if unknown:
        raise ConfigError(
            f"No camera {', '.join(map(repr, unknown))}: --cameras takes {', '.join(CAMERAS)}."
        )
    return {name: pair for name, pair in CAMERAS.items() if not names or name in names}


def through_cameras(trial: Trial, cameras: CameraPair, generator: np.random.Generator) -> Trial:
    """Return a trial as these cameras send it.

    Rain fell before the cameras: the clean views are shown in the cameras' tone, the rainy ones
    in the same tone and then recorded, with noise, mosaic and JPEG. Of a dry trial both are what
    was recorded, for that is what should come back.

    Args:
        trial: of one view, which the left camera sees, or of two.
        cameras: of the left and the right view.
        generator: source of the noise.
    """
    rainy = tuple(
        _levels(camera.recorded(camera.shown(view), generator))
        for camera, view in _seen(cameras, trial.rainy)
    )
    if trial.weather == DRY:
        return replace(trial, rainy=rainy, clean=rainy)
    clean = tuple(_levels(camera.shown(view)) for camera, view in _seen(cameras, trial.clean))
    return replace(trial, rainy=rainy, clean=clean)


def _seen(cameras: CameraPair, views: Sequence[ByteImage]) -> Iterable[tuple[Camera, ByteImage]]:
    return zip(cameras, views, strict=False)


def _levels(light: FloatMap) -> ByteImage:
    return np.asarray(np.rint(light.clip(0, 1) * 255), np.uint8)
