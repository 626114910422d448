"""Masks of what falls or drifts besides plain rain, bright on black, to be hung at a depth.

Thick slanted streaks, as in the classic sets of single pictures; drops and flakes near the camera
and out of focus; and spray, drawn out behind wheels. `streak_masks` hangs them between the views.
"""

from __future__ import annotations

import cv2
import numpy as np

from apanet_core.imaging.types import ByteImage, FloatMap

MASK_SHAPE = (360, 560)
"""About the size of the recorded masks."""
STEEPEST_SLANT_DEGREES = 50.0
FLAKE_DIAMETERS_PX = (3.0, 30.0)


def slanted_streaks(generator: np.random.Generator) -> ByteImage:
    """Draw long, thick streaks of one slant, uint8 RGB `[h,w,3]`."""
    length = int(generator.uniform(15, 70))
    width = generator.uniform(0.8, 3.0)
    share = np.exp(generator.uniform(np.log(4e-4), np.log(8e-3)))
    seeds = generator.random(MASK_SHAPE, np.float32)
    dots = np.where(seeds < share, generator.uniform(0.4, 1.0, MASK_SHAPE), 0).astype(np.float32)
    slant = generator.uniform(-STEEPEST_SLANT_DEGREES, STEEPEST_SLANT_DEGREES)
    streaks = cv2.filter2D(dots, -1, _line(length, width, slant))
    return _mask(np.asarray(streaks, np.float32))


def flakes(generator: np.random.Generator) -> ByteImage:
    """Draw discs out of focus, some drawn out by their fall, uint8 RGB `[h,w,3]`."""
    canvas = np.zeros(MASK_SHAPE, np.float32)
    middle = np.exp(generator.uniform(*np.log(FLAKE_DIAMETERS_PX)))
    count = int(generator.uniform(0.01, 0.12) * canvas.size / middle**2)
    diameters = np.clip(middle * np.exp(generator.normal(0, 0.35, count)), *FLAKE_DIAMETERS_PX)
    fall = generator.uniform(1.0, 3.0) if generator.random() < 0.4 else 1.0
    slant = generator.uniform(-30, 30)
    for diameter, bright in zip(diameters, generator.uniform(0.35, 1.0, count), strict=True):
        column, row = generator.uniform(0, 1, 2) * MASK_SHAPE[::-1]
        axes = (max(1, round(diameter / 2)), max(1, round(fall * diameter / 2)))
        place = (round(column), round(row))
        cv2.ellipse(canvas, place, axes, slant, 0, 360, float(bright), cv2.FILLED, cv2.LINE_AA)
    softness = max(0.5, middle * generator.uniform(0.08, 0.3))
    return _mask(np.asarray(cv2.GaussianBlur(canvas, (0, 0), softness), np.float32))


def spray(generator: np.random.Generator) -> ByteImage:
    """Draw a cloud of spray: patches of mist, denser below, uint8 RGB `[h,w,3]`."""
    cloud = np.zeros(MASK_SHAPE, np.float32)
    for octave in range(4):
        cells = (3 * 2**octave, 4 * 2**octave)
        noise = generator.random(cells, np.float32)
        cloud += cv2.resize(noise, MASK_SHAPE[::-1], interpolation=cv2.INTER_CUBIC) / 2**octave
    cloud -= generator.uniform(0.7, 1.2)
    rows = np.linspace(0, 1, MASK_SHAPE[0], dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, MASK_SHAPE[1], dtype=np.float32)[None]
    plume = np.exp(-((columns / generator.uniform(0.2, 0.9)) ** 2)) * rows
    return _mask(cloud.clip(0, 1) * plume)


def _line(length: int, width: float, slant_degrees: float) -> FloatMap:
    """Return the kernel of one streak, its brightest place 1."""
    side = 2 * (length // 2 + 4) + 1
    kernel = np.zeros((side, side), np.float32)
    slant = np.radians(slant_degrees)
    half = 0.5 * length * np.array([np.sin(slant), np.cos(slant)])
    first, last = (np.rint(side // 2 + sign * half).astype(int).tolist() for sign in (-1, 1))
    cv2.line(kernel, first, last, 1.0, max(1, round(width)), cv2.LINE_AA)
    kernel = np.asarray(cv2.GaussianBlur(kernel, (0, 0), 0.3 + 0.3 * width), np.float32)
    return np.asarray(kernel / kernel.max(), np.float32)


def _mask(values: FloatMap) -> ByteImage:
    levels = np.asarray(np.rint(np.clip(values, 0, 1) * 255), np.uint8)
    return np.repeat(levels[..., None], 3, axis=2)
