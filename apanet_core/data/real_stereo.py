"""Stereo pairs on which real rain fell, in the layout of StereoRealRain."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from apanet_core.data.crop import draw_window
from apanet_core.data.picture_sets import PictureSets
from apanet_core.data.sample import RealSample
from apanet_core.data.stereo_folder import PairFiles, stereo_folder


class RealStereo(PictureSets):
    """A `Source` of pairs on which real rain fell.

    Args:
        files: of each pair, as `real_stereo_files` finds them.
        augment: draws what is changed of each scene.

    Raises:
        ImageError: a file is missing or no picture, or the sizes of one set differ; the message
            names the files.
    """

    @property
    def description(self) -> str:
        """What it is, in one line for a log."""
        return f"{len(self)} pairs of real rain"

    def draw(self, generator: np.random.Generator, crop: tuple[int, int]) -> RealSample:
        """Draw a crop of a random pair, at one place in both views; see `Source.draw`."""
        left, right = self.read_any(generator, crop)
        window = draw_window(left.shape[:2], crop, generator)
        return self._augment(generator).real_sample((left[window], right[window]))


def real_stereo_files(folder: Path) -> list[PairFiles]:
    """Pair the pictures of `left/` and `right/` in a folder, or in its `train/`, by stem.

    Raises:
        ImageError: as `stereo_folder`.
    """
    return stereo_folder(folder if (folder / "left").is_dir() else folder / "train")
