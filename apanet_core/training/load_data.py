"""From the folders that a recipe names to what a trainer draws from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar, cast

from tqdm import tqdm

from apanet_core.data.evenly_spread import evenly_spread
from apanet_core.data.matching_files import matching_pictures, matching_size
from apanet_core.data.rainy_stereo import FOLDERS as RAINY_STEREO_FOLDERS
from apanet_core.data.sample import RealSample, Sample
from apanet_core.data.scene import load_scene
from apanet_core.data.source import Source
from apanet_core.data.sources import SourceOptions, load_source, part_of
from apanet_core.data.stereo_folder import stereo_folder
from apanet_core.training.recipe import Recipe, SourceRecipe, ValidationRecipe
from apanet_core.training.trainer import TrainingData
from apanet_core.training.validation import (
    Validation,
    paired_validation,
    rendered_validation,
)

Files = TypeVar("Files")


def load_training_data(recipe: Recipe, root: Path) -> TrainingData:
    """Read or list all pictures that a recipe names.

    Args:
        recipe: what to train.
        root: the data folder; the recipe's folders are below it.

    Raises:
        ImageError: a folder is missing or empty, or pictures are unpaired, unreadable or of
            different sizes; the message names them.
    """
    real_rain = recipe.real_rain
    return TrainingData(
        [(cast("Source[Sample]", _load(s, root)), s.weight) for s in recipe.train],
        _load_validation(recipe.validate, root),
        [
            (cast("Source[RealSample]", _load(s, root)), s.weight)
            for s in (real_rain.sources if real_rain is not None else ())
        ],
    )


def _load(source: SourceRecipe, root: Path) -> Source[Sample] | Source[RealSample]:
    masks = root / source.streak_masks if source.streak_masks is not None else None
    options = SourceOptions(
        part=source.part,
        clear_share=source.clear_share,
        streak_masks=masks,
        mask_share=source.mask_share,
        wet_share=source.wet_share,
        separate_share=source.separate_share,
        thin_share=source.thin_share,
        spoilt_share=source.spoilt_share,
        scaled_share=source.scaled_share,
        veil_free=source.veil_free,
        largest_crop=source.largest_crop,
        augmented=source.augment,
        cameras=source.cameras,
    )
    return load_source(source.kind, root / source.folder, options)


def _load_validation(recipe: ValidationRecipe, root: Path) -> Validation:
    folder = root / recipe.folder
    if recipe.kind == "rainy_stereo":
        views = matching_pictures([folder / view for view in RAINY_STEREO_FOLDERS])
        chosen = _chosen(views, recipe, folder)
        for files in chosen:
            matching_size(files)
        return paired_validation(chosen, recipe.cameras)
    bar = tqdm(
        _chosen(stereo_folder(folder), recipe, folder), desc=f"load {recipe.folder}", unit="pair"
    )
    return rendered_validation([load_scene(pair) for pair in bar], recipe.cameras)


def _chosen(files: Sequence[Files], recipe: ValidationRecipe, folder: Path) -> list[Files]:
    part = part_of(files, recipe.part, folder)
    return [part[number] for number in evenly_spread(recipe.scenes, len(part))]
