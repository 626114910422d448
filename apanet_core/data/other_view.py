"""Other views that are no help: dead, frozen, fogged, wetter, out of step.

A network must derain each view as well as if it saw that view alone. So in training, and in
`apanet evaluate --other-view`, one view is kept and the other one is spoilt.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from apanet_core.data.drawn_masks import flakes, slanted_streaks
from apanet_core.data.rainy_scene import RainyScene, SceneView, dry, given
from apanet_core.imaging.types import ByteImage
from apanet_core.rain.composition import Cover, compose

MOST_ROWS_APART = 6

Spoil = Callable[[SceneView, SceneView, np.random.Generator], SceneView]
"""Makes a bad other view of (the view that is kept, the true other view, randomness)."""


def spoil_one(
    scene: RainyScene, generator: np.random.Generator, kind: str | None = None
) -> RainyScene:
    """Spoil the right view of a scene.

    Args:
        scene: the pair.
        generator: source of all randomness.
        kind: a key of `OTHER_VIEWS`; one of them at random by default.

    Returns:
        The same left view, the right one spoilt, and no disparity, for nothing fits now.
    """
    spoil = OTHER_VIEWS[kind or str(generator.choice(list(OTHER_VIEWS)))]
    return RainyScene(scene.left, spoil(scene.left, scene.right, generator), None)


def _flat(level: int) -> Spoil:
    def spoil(kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
        return dry(np.full_like(true.clean, level))

    return spoil


def _noise(kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    return dry(generator.integers(0, 256, true.clean.shape, np.uint8))


def _copy(kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    return kept


def _dry(kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    return dry(true.clean)


def _drier(kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    if true.hazy is None or true.is_dry:
        return true
    return true._replace(rainy=true.hazy, on_lens=np.zeros_like(true.on_lens))


def _wetter(kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    mask = flakes(generator) if generator.random() < 0.3 else slanted_streaks(generator)
    height, width = true.clean.shape[:2]
    rows, columns = (
        -(-side // part) for side, part in zip((height, width), mask.shape, strict=False)
    )
    opacity = np.tile(mask[..., 0], (rows, columns))[:height, :width].astype(np.float32) / 255
    return _behind(true, Cover(opacity, _grey(generator)), generator, falls=True)


def _fogged(kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    opacity = np.full(true.clean.shape[:2], generator.uniform(0.3, 0.85), np.float32)
    return _behind(true, Cover(opacity, _grey(generator)), generator, falls=False)


def _unrelated(kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    """Show another place: the picture mirrored and moved on, so that no row shows what it did."""
    shift = (int(generator.integers(20, 80)), int(generator.integers(50, 200)))

    def moved(picture: ByteImage) -> ByteImage:
        return np.ascontiguousarray(np.roll(picture[:, ::-1], shift, (0, 1)))

    return _each_picture(true, moved)


def _rows_apart(kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    rows = int(generator.integers(1, MOST_ROWS_APART + 1)) * int(generator.choice([-1, 1]))

    def moved(picture: ByteImage) -> ByteImage:
        shifted = np.roll(picture, rows, axis=0)
        if rows > 0:
            shifted[:rows] = shifted[rows]
        else:
            shifted[rows:] = shifted[rows - 1]
        return shifted

    return _each_picture(true, moved)


def _behind(
    true: SceneView, cover: Cover, generator: np.random.Generator, falls: bool
) -> SceneView:
    layers = ([], [cover]) if falls else ([cover], [])
    shown = compose(true.rainy, *layers, generator)
    hazy = true.hazy
    if hazy is not None and not falls:
        hazy = compose(hazy, [cover], [], generator).hazy
    return SceneView(shown.rainy, true.clean, hazy, true.on_lens)


def _each_picture(view: SceneView, change: Callable[[ByteImage], ByteImage]) -> SceneView:
    if view.is_dry:
        return dry(change(view.clean))
    hazy = None if view.hazy is None else change(view.hazy)
    return given(change(view.rainy), change(view.clean), hazy)


def _grey(generator: np.random.Generator) -> np.ndarray:
    return np.full(3, generator.uniform(0.55, 0.95), np.float32)


OTHER_VIEWS: dict[str, Spoil] = {
    "copy": _copy,
    "unrelated": _unrelated,
    "dry": _dry,
    "drier": _drier,
    "wetter": _wetter,
    "fogged": _fogged,
    "noise": _noise,
    "black": _flat(0),
    "grey": _flat(128),
    "white": _flat(255),
    "rows_apart": _rows_apart,
}
"""Bad other views by name."""
