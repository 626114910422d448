"""From a scene to a sample: through cameras, mirrored or not; its epipolar geometry is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from apanet_core.data.camera import Camera, CameraPair
from apanet_core.data.drawn_cameras import draw_cameras
from apanet_core.data.rainy_scene import RainyScene, SceneView
from apanet_core.data.sample import RealSample, Sample
from apanet_core.imaging.disparity import right_disparity, seen_by_both
from apanet_core.imaging.types import FloatMap, ViewPair


class Augmentation(NamedTuple):
    """One change for all views of a scene.

    Attributes:
        mirrored: left to right. The views trade places: the right view is the new left one.
        cameras: that show the left and the right view.
        generator: source of the cameras' noise.
    """

    mirrored: bool
    cameras: CameraPair
    generator: np.random.Generator

    def sample(self, scene: RainyScene) -> Sample:
        """Show a scene as the cameras record it, and clean as they would have shown it."""
        left, right = (
            self._shown(camera, view)
            for camera, view in zip(self.cameras, (scene.left, scene.right), strict=True)
        )
        if self.mirrored:
            left, right = (_Shown(*(picture.flip(2) for picture in view)) for view in (right, left))
        return Sample(
            left.rainy,
            right.rainy,
            left.clean,
            right.clean,
            self._disparity(scene),
            left.hazy,
            right.hazy,
            left.drops,
            right.drops,
        )

    def real_sample(self, rainy: ViewPair) -> RealSample:
        """Show a pair on which real rain fell."""
        left, right = (
            _as_tensor(camera.recorded(camera.shown(view), self.generator))
            for camera, view in zip(self.cameras, rainy, strict=True)
        )
        return RealSample(right.flip(2), left.flip(2)) if self.mirrored else RealSample(left, right)

    def _shown(self, camera: Camera, view: SceneView) -> _Shown:
        drops = torch.from_numpy(view.on_lens[None])
        recorded = _as_tensor(camera.recorded(camera.shown(view.rainy), self.generator))
        if view.is_dry:
            # What a camera recorded of dry weather is to be left alone, with its noise.
            return _Shown(recorded, recorded, recorded, drops)
        clean = _as_tensor(camera.shown(view.clean))
        if view.hazy is None:
            return _Shown(recorded, clean, torch.full_like(clean, torch.nan), drops)
        return _Shown(recorded, clean, _as_tensor(camera.shown(view.hazy)), drops)

    def _disparity(self, scene: RainyScene) -> Tensor:
        disparity = scene.disparity
        if disparity is None:
            disparity = np.full(scene.left.clean.shape[:2], np.nan, np.float32)
        else:
            if self.mirrored:
                disparity = right_disparity(disparity)[:, ::-1]
            disparity = np.where(seen_by_both(disparity), disparity, np.nan).astype(np.float32)
        return torch.from_numpy(disparity[None])


class _Shown(NamedTuple):
    """One view as tensors, each as `Sample` has it."""

    rainy: Tensor
    clean: Tensor
    hazy: Tensor
    drops: Tensor


Augment = Callable[[np.random.Generator], Augmentation]
"""How a source draws the change of a scene: by one of the three functions below."""


def draw_augmentation(generator: np.random.Generator) -> Augmentation:
    """Draw the cameras, and whether to mirror the scene.

    Nothing is turned upside down: rain falls, and the ground is below.

    Args:
        generator: source of all randomness.
    """
    return Augmentation(bool(generator.random() < 0.5), draw_cameras(generator), generator)


def draw_exposure(generator: np.random.Generator) -> Augmentation:
    """Draw exposure and white balance of the camera that took the pictures, and mirroring.

    Args:
        generator: source of all randomness.
    """
    mirrored = bool(generator.random() < 0.5)
    gain = generator.uniform(0.8, 1.15) * generator.uniform(0.95, 1.05, 3)
    gamma = generator.uniform(0.85, 1.2)
    red, green, blue = (gain ** (1 / gamma)).tolist()  # The camera's gain comes before its gamma.
    camera = Camera(balance=(red, green, blue), gamma=gamma)
    return Augmentation(mirrored, (camera, camera), generator)


def no_augmentation(generator: np.random.Generator) -> Augmentation:
    """Return what leaves a scene as its pictures show it; draws nothing."""
    return Augmentation(False, (Camera(), Camera()), generator)


def _as_tensor(picture: FloatMap) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))
