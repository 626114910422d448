"""Clean stereo pairs, on which rain is rendered at every draw."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from tqdm import tqdm

from apanet_core.data.augmentation import Augment, draw_augmentation
from apanet_core.data.crop import check_crop, draw_window
from apanet_core.data.rendered_rain import RenderedRain
from apanet_core.data.sample import Sample
from apanet_core.data.scene import Scene, load_scene
from apanet_core.data.stereo_folder import PairFiles
from apanet_core.rain.geometry import StereoGeometry

SCALES = (0.5, 1.5)
"""Of pairs that are shown larger or smaller."""
KITTI_FOCAL_PX = StereoGeometry().focal_px


class CleanStereo:
    """A `Source` of clean pairs in memory with rain rendered on the fly.

    Args:
        scenes: clean pairs with their disparity.
        rain: how it rains on them.
        names: what to call each scene in messages, such as its left file.
        augment: draws what is changed of each scene.
        scaled_share: share of draws in which a pair is shown larger or smaller.
    """

    def __init__(
        self,
        scenes: Sequence[Scene],
        rain: RenderedRain,
        names: Sequence[str] | None = None,
        augment: Augment = draw_augmentation,
        scaled_share: float = 0.0,
    ) -> None:
        self._scaled_share = scaled_share
        self._scenes = scenes
        self._rain = rain
        self._augment = augment
        self._names = names or [f"Clean pair {number}" for number in range(len(scenes))]

    @property
    def description(self) -> str:
        """What it is, in one line for a log."""
        return f"{len(self)} clean pairs, {self._rain.description}"

    def __len__(self) -> int:
        return len(self._scenes)

    def check_crop(self, crop: tuple[int, int]) -> None:
        """Make sure that every pair holds a crop; see `Source.check_crop`."""
        sizes = [scene.disparity.shape for scene in self._scenes]
        check_crop(crop, zip(self._names, sizes, strict=True))

    def draw(self, generator: np.random.Generator, crop: tuple[int, int]) -> Sample:
        """Draw a crop of a random pair with new rain; see `Source.draw`."""
        number = int(generator.integers(len(self)))
        scene = self._scenes[number]
        height, width = scene.disparity.shape
        check_crop(crop, [(self._names[number], (height, width))])
        scene, scale = self._scaled(scene, crop, generator)
        height, width = scene.disparity.shape
        # Both views share one crop position: only so does disparity keep its meaning.
        rows, columns = draw_window((height, width), crop, generator)
        center = (width / 2 - columns.start, height / 2 - rows.start)
        geometry = StereoGeometry(focal_px=scale * KITTI_FOCAL_PX, center=center)
        clean = (scene.left[rows, columns], scene.right[rows, columns])
        disparity = scene.disparity[rows, columns].astype(np.float32)
        rainy = self._rain.fall_on(clean, disparity, geometry, generator)
        return self._augment(generator).sample(rainy)

    def _scaled(
        self, scene: Scene, crop: tuple[int, int], generator: np.random.Generator
    ) -> tuple[Scene, float]:
        """Show some scenes as cameras of more or fewer pixels do, and say how many times more."""
        if generator.random() >= self._scaled_share:
            return scene, 1.0
        shares = (part / whole for part, whole in zip(crop, scene.disparity.shape, strict=True))
        least = max(SCALES[0], *shares)
        most = max(SCALES[1], least)
        scale = float(np.exp(generator.uniform(np.log(least), np.log(most))))
        return resized(scene, scale, crop), scale


def resized(scene: Scene, scale: float, least: tuple[int, int]) -> Scene:
    """Return a scene of `scale` times its height and width, disparity too, `least` at least."""
    height, width = (
        max(part, round(scale * whole))
        for part, whole in zip(least, scene.disparity.shape, strict=True)
    )
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    left, right = (
        np.asarray(cv2.resize(view, (width, height), interpolation=method), np.uint8)
        for view in (scene.left, scene.right)
    )
    near = scene.disparity.astype(np.float32) * np.float32(scale)
    near = np.asarray(cv2.resize(near, (width, height), interpolation=cv2.INTER_NEAREST))
    return Scene(left, right, near.astype(np.float16))


def load_clean_stereo(
    files: Sequence[PairFiles],
    rain: RenderedRain,
    augment: Augment = draw_augmentation,
    scaled_share: float = 0.0,
) -> CleanStereo:
    """Read clean pairs and estimate their disparities, a quarter of a second each on one core.

    Raises:
        ImageError: as `load_scene`.
    """
    with ThreadPoolExecutor() as pool:
        loaded = pool.map(load_scene, files)
        scenes = list(tqdm(loaded, total=len(files), desc="load clean pairs", unit="pair"))
    return CleanStereo(scenes, rain, [str(pair.left) for pair in files], augment, scaled_share)
