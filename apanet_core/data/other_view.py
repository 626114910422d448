"""Other views that are no help: dead, frozen, fogged, wetter, out of step.

A network must derain each view as well as if it saw that view alone. So in training, and in
`apanet evaluate --other-view`, one view is kept and the other one is spoilt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apanet_core.data.drawn_masks import flakes, slanted_streaks
from apanet_core.data.rainy_scene import RainyScene, SceneView, dry
from apanet_core.imaging.types import ByteImage, FloatMap
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

    Raises:
        KeyError: the kind is unknown.
    """
    spoil = OTHER_VIEWS[kind or str(generator.choice(list(OTHER_VIEWS)))]
    return RainyScene(scene.left, spoil(scene.left, scene.right, generator), None)


def _flat(level: int) -> Spoil:
    def spoil(_kept: SceneView, true: SceneView, _generator: np.random.Generator) -> SceneView:
        return dry(np.full_like(true.clean, level))

    return spoil


def _noise(_kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    return dry(generator.integers(0, 256, true.clean.shape, np.uint8))


def _copy(kept: SceneView, _true: SceneView, _generator: np.random.Generator) -> SceneView:
    return kept


def _dry(_kept: SceneView, true: SceneView, _generator: np.random.Generator) -> SceneView:
    return dry(true.clean)


def _drier(_kept: SceneView, true: SceneView, _generator: np.random.Generator) -> SceneView:
    """Take away what falls, where the haze that is left is known."""
    if true.hazy is None or true.is_dry:
        return true
    return true._replace(rainy=true.hazy, on_lens=np.zeros_like(true.on_lens))


def _wetter(_kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    """Let more fall: flakes, or thick slanted streaks."""
    mask = flakes(generator) if generator.random() < 0.3 else slanted_streaks(generator)
    cover = Cover(_tiled(mask[..., 0], true.clean.shape), _draw_grey(generator))
    return true._replace(rainy=compose(true.rainy, [], [cover], generator).rainy)


def _fogged(_kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    """Lay an even fog over all of it."""
    opacity = np.full(true.clean.shape[:2], generator.uniform(0.3, 0.85), np.float32)
    fog = Cover(opacity, _draw_grey(generator))
    rainy = compose(true.rainy, [fog], [], generator).rainy
    hazy = None if true.hazy is None else compose(true.hazy, [fog], [], generator).hazy
    return true._replace(rainy=rainy, hazy=hazy)


def _unrelated(_kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    """Show another place: the picture mirrored and moved on, so that no row shows what it did."""
    shift = (int(generator.integers(20, 80)), int(generator.integers(50, 200)))
    return _each_picture(true, lambda picture: np.roll(picture[:, ::-1], shift, (0, 1)))


def _rows_apart(_kept: SceneView, true: SceneView, generator: np.random.Generator) -> SceneView:
    """Shift it by 1 to `MOST_ROWS_APART` rows, up or down, its outermost row repeated."""
    rows = int(generator.integers(1, MOST_ROWS_APART + 1)) * int(generator.choice([-1, 1]))
    source = (np.arange(len(true.clean)) - rows).clip(0, len(true.clean) - 1)
    return _each_picture(true, lambda picture: picture[source])


def _each_picture(view: SceneView, change: Callable[[NDArray[Any]], NDArray[Any]]) -> SceneView:
    """Change all pictures of a view in one way; a dry one stays one picture."""
    if view.is_dry:
        return dry(change(view.clean))
    hazy = None if view.hazy is None else change(view.hazy)
    return SceneView(change(view.rainy), change(view.clean), hazy, change(view.on_lens))


def _tiled(mask: ByteImage, shape: tuple[int, ...]) -> FloatMap:
    """Return a mask, uint8 `[h,w]`, repeated over `[H,W]`, float32, 0 to 1."""
    height, width = shape[:2]
    times = (-(-height // mask.shape[0]), -(-width // mask.shape[1]))
    return np.asarray(np.tile(mask, times)[:height, :width] / np.float32(255), np.float32)


def _draw_grey(generator: np.random.Generator) -> FloatMap:
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
