"""The cameras of a training, drawn anew for every sample.

A network that saw one camera takes every other one's tone for weather. So each scene is shown by
another camera: grey or in colour, flat or hard, dark or bright, sharp or not, noisy, through JPEG
or not. docs/cameras.md lists the distributions.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from apanet_core.data.camera import Camera, CameraPair

GREY_SHARE = 0.3
PLAIN_SHARE = 0.25
"""Share of draws that leave the tone of the picture as it is, as a camera of its own."""
SAME_SHARE = 0.6
"""Share of draws whose two cameras are equal."""


def draw_cameras(generator: np.random.Generator) -> CameraPair:
    """Draw the cameras of a rig: two of one kind, as a rule, which need not agree exactly.

    Args:
        generator: source of all randomness.
    """
    left = _draw_recording(_draw_tone(generator), generator)
    if generator.random() < SAME_SHARE:
        return left, left
    right = _draw_partner(left, generator)
    return (left, right) if generator.random() < 0.5 else (right, left)


def _draw_partner(camera: Camera, generator: np.random.Generator) -> Camera:
    """Draw the other camera of a rig: of another exposure, perhaps noise, or colour."""
    exposure = generator.uniform(0.85, 1.15)
    tint = np.ones(3) if camera.is_grey else generator.uniform(0.95, 1.05, 3)
    red, green, blue = (np.array(camera.balance) * exposure * tint).tolist()
    other = replace(camera, balance=(red, green, blue))
    if generator.random() < 0.3:
        other = _draw_recording(other, generator)
    if generator.random() < 0.15:
        return replace(other, saturation=1.0) if camera.is_grey else _in_grey(other)
    return other


def _in_grey(camera: Camera) -> Camera:
    """Return the camera without its colour filters: of one gain, as grey has no balance."""
    gain = camera.balance[1]
    return replace(camera, saturation=0.0, balance=(gain, gain, gain))


def _draw_tone(generator: np.random.Generator) -> Camera:
    """Draw saturation, white balance, response, levels and focus."""
    if generator.random() < PLAIN_SHARE:
        return Camera()
    grey = generator.random() < GREY_SHARE / (1 - PLAIN_SHARE)
    saturation = 0.0 if grey else float(generator.uniform(0.0, 1.3))
    gain = float(generator.uniform(0.8, 1.15))
    red, green, blue = (gain * generator.uniform(0.75, 1.25, 3)).tolist()
    black = _perhaps(0.4, 0.0, (0, 70), generator)
    white = _perhaps(0.4, 255.0, (150, 255), generator)
    balanced = grey or generator.random() < 0.4
    return Camera(
        saturation=saturation,
        balance=(gain, gain, gain) if balanced else (red, green, blue),
        gamma=float(np.exp(generator.uniform(np.log(0.5), np.log(2.0)))),
        s_curve=_perhaps(0.4, 0.0, (-0.4, 1.0), generator),
        black=black,
        white=white,
        defocus_px=_perhaps(0.2, 0.0, (0.3, 1.2), generator),
    )


def _perhaps(
    share: float, otherwise: float, span: tuple[float, float], generator: np.random.Generator
) -> float:
    """Draw evenly from a span in a share of the draws."""
    return float(generator.uniform(*span)) if generator.random() < share else otherwise


def _draw_recording(camera: Camera, generator: np.random.Generator) -> Camera:
    """Draw noise, mosaic and compression for a camera."""
    noisy, grainy, mosaic, jpeg = generator.random(4) < (0.35, 0.3, 0.15, 0.3)
    return replace(
        camera,
        noise_levels=float(8 * generator.beta(1.0, 2.0)) if noisy else 0.0,
        grain_px=float(generator.uniform(2, 6)) if grainy else 0.0,
        mosaic=bool(mosaic),
        jpeg_quality=int(generator.integers(40, 101)) if jpeg else 0,
    )
