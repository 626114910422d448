"""A pair of views before the cameras: rainy, clean, and what a network should tell apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from apanet_core.imaging.types import ByteImage, FloatMap
from apanet_core.rain.composition import RainyView


class SceneView(NamedTuple):
    """One view.

    Attributes:
        rainy, clean: uint8 RGB `[H,W,3]`. One array where it is dry: a network should return it.
        hazy: the rainy view without what falls, uint8 RGB `[H,W,3]`; `None` where nobody knows.
        on_lens: how much drops on the lens hide, float32 `[H,W]`, 0 to 1.
    """

    rainy: ByteImage
    clean: ByteImage
    hazy: ByteImage | None
    on_lens: FloatMap

    @property
    def is_dry(self) -> bool:
        """Whether nothing falls and no haze is there."""
        return self.rainy is self.clean


class RainyScene(NamedTuple):
    """Two views of one scene.

    Attributes:
        left, right: the views.
        disparity: of the left view, float32 `[H,W]`, pixels, without holes; `None`: unknown.
    """

    left: SceneView
    right: SceneView
    disparity: FloatMap | None


def dry(picture: ByteImage) -> SceneView:
    """Return a view on which nothing falls."""
    return SceneView(picture, picture, picture, np.zeros(picture.shape[:2], np.float32))


def given(rainy: ByteImage, clean: ByteImage, hazy: ByteImage | None = None) -> SceneView:
    """Return a view whose rainy and clean pictures are given."""
    return SceneView(rainy, clean, hazy, np.zeros(clean.shape[:2], np.float32))


def rendered(view: RainyView, clean: ByteImage) -> SceneView:
    """Return a view on which rain was rendered."""
    return SceneView(view.rainy, clean, view.hazy, view.on_lens)
