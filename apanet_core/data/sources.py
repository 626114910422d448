"""Sources by the name of their kind, for recipes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from apanet_core.data.augmentation import (
    Augment,
    draw_augmentation,
    draw_exposure,
    no_augmentation,
)
from apanet_core.data.clean_single import CleanSingle
from apanet_core.data.clean_stereo import load_clean_stereo
from apanet_core.data.crop import Size
from apanet_core.data.limited_crops import LimitedCrops
from apanet_core.data.rainy_single import RainySingle, rainy_single_files
from apanet_core.data.rainy_stereo import RainyStereo, rainy_stereo_files
from apanet_core.data.real_single import RealSingle, pictures_below
from apanet_core.data.real_stereo import RealStereo, real_stereo_files
from apanet_core.data.rendered_rain import RenderedRain
from apanet_core.data.source import Source
from apanet_core.data.stereo_folder import stereo_folder
from apanet_core.errors import ConfigError, ImageError
from apanet_core.imaging.files import pictures_in

Files = TypeVar("Files")


@dataclass(frozen=True)
class SourceOptions:
    """How a folder becomes a source.

    Attributes:
        part: the share of its sorted pictures to use, from and to, 0 to 1, so that one folder can
            be divided between training and validation.
        clear_share: share of draws without rain, 0 to 1; kinds with rendered rain only.
        streak_masks: folder of streak masks, bright on black, that serve as other rain; the same.
        mask_share: share of the rainy draws whose streaks come from those masks, 0 to 1.
        wet_share: share of the rainy draws in which the ground is wet, 0 to 1; `clean_stereo`
            only, whose disparity is known well enough to find the ground.
        separate_share: share of the rainy draws in which every kind of rain is drawn by itself.
        thin_share: share of all draws with posts, wires and railings in them.
        spoilt_share: share of all draws in which one view is no help for the other.
        scaled_share: share of draws in which a pair is shown larger or smaller; `clean_stereo`.
        veil_free: streaks fall there without a veil; `rainy_single` only.
        largest_crop: `(height, width)` in pixels; larger crops are limited to it. `None` limits
            none.
        augmented: mirror scenes and change their exposure, at random.
        cameras: show scenes by other cameras as well, where they are augmented; see `camera`.
    """

    part: tuple[float, float] = (0.0, 1.0)
    clear_share: float = 0.1
    streak_masks: Path | None = None
    mask_share: float = 0.25
    wet_share: float = 0.2
    separate_share: float = 0.0
    thin_share: float = 0.0
    spoilt_share: float = 0.0
    scaled_share: float = 0.0
    veil_free: bool = False
    largest_crop: Size | None = None
    augmented: bool = True
    cameras: bool = False

    @property
    def augment(self) -> Augment:
        """How scenes are changed."""
        if not self.augmented:
            return no_augmentation
        return draw_augmentation if self.cameras else draw_exposure

    def rain(self, wet_share: float = 0.0) -> RenderedRain:
        """Return how it rains on clean pictures; errors as `pictures_in`."""
        masks = tuple(pictures_in(self.streak_masks)) if self.streak_masks else ()
        return RenderedRain(
            self.clear_share,
            masks,
            self.mask_share,
            wet_share,
            self.separate_share,
            self.thin_share,
            self.spoilt_share,
        )


def load_source(kind: str, folder: Path, options: SourceOptions) -> Source[Any]:
    """Make a source of a folder.

    Args:
        kind: `clean_stereo`: clean pairs in `left/` and `right/`, loaded into memory.
            `clean_single`: clean pictures, made stereo.
            `rainy_stereo`: `{rain,gt}_{left,right}/`, as RainKITTI2012 and RainKITTI2015.
            `rainy_single`: `rain/` and `gt/`, seen by both cameras.
            `real_stereo`: pairs of real rain in `left/` and `right/`, as StereoRealRain.
            `real_single`: pictures of real rain at any depth below the folder.
        folder: with the pictures.
        options: how to use them.

    Returns:
        A source of `RealSample` for the `real_` kinds, of `Sample` for all others.

    Raises:
        ConfigError: the kind is unknown; the message lists the valid ones.
        ImageError: a folder is missing or empty, files are unpaired, one is no picture, the views
            of a pair differ in size, or the part holds no picture; the message names them.
    """
    if kind not in _LAYOUTS:
        raise ConfigError(f"Unknown kind of source {kind!r}; valid: {', '.join(_LAYOUTS)}.")
    layout = _LAYOUTS[kind]
    source = layout.make(part_of(layout.find(folder), options.part, folder), options)
    return LimitedCrops(source, options.largest_crop) if options.largest_crop else source


def part_of(files: Sequence[Files], part: tuple[float, float], folder: Path) -> Sequence[Files]:
    """Return the share of sorted files from `part[0]` to `part[1]`.

    Raises:
        ImageError: there is none; the message names the folder.
    """
    first, last = (round(share * len(files)) for share in part)
    if first >= last:
        raise ImageError(
            f"{folder} holds {len(files)} pictures or pairs, none from {part[0]} to {part[1]}: "
            "choose a larger part."
        )
    return files[first:last]


class _Layout(NamedTuple):
    """Finds the pictures or pairs of a folder, sorted, and makes a source of them."""

    find: Callable[[Path], Sequence[Any]]
    make: Callable[[Any, SourceOptions], Source[Any]]


_LAYOUTS = {
    "clean_stereo": _Layout(
        stereo_folder,
        lambda files, options: load_clean_stereo(
            files, options.rain(options.wet_share), options.augment, options.scaled_share
        ),
    ),
    "clean_single": _Layout(
        pictures_in, lambda files, options: CleanSingle(files, options.rain(), options.augment)
    ),
    "rainy_stereo": _Layout(
        rainy_stereo_files, lambda files, options: RainyStereo(files, options.augment)
    ),
    "rainy_single": _Layout(
        rainy_single_files,
        lambda files, options: RainySingle(files, options.augment, options.veil_free),
    ),
    "real_stereo": _Layout(
        real_stereo_files, lambda files, options: RealStereo(files, options.augment)
    ),
    "real_single": _Layout(
        pictures_below, lambda files, options: RealSingle(files, options.augment)
    ),
}
