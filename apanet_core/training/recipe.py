"""One training experiment as a strict, typed YAML file."""

from __future__ import annotations

import dataclasses
import math
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_type_hints

import yaml

from apanet_core.errors import ConfigError
from apanet_core.network.config import MINIMUM_SIDE, ApanetConfig

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training produces, apart from the pictures.

    Attributes:
        name: of the weights.
        network: settings of the network.
        seed: of weights, scenes, crops and rain.
        steps: optimizer steps in all.
        batch_size: pairs per step.
        crop: `(height, width)` in pixels.
        clear_share: share of samples without rain.
        learning_rate: after warm-up.
        final_learning_rate: at the last step, reached by a cosine.
        warmup_steps: over which the learning rate rises from zero.
        l1_weight: weight of the mean absolute error.
        ssim_weight: weight of `1 - SSIM`.
        gradient_clip: largest gradient norm.
        ema_decay: of the averaged weights, which are the ones validated and kept.
        workers: processes that render rain; 0 renders in the training process.
        checkpoint_every: steps between saved states.
        validate_every: steps between validations.
        validation_scenes: validation pairs used while training, evenly spread over the folder.
    """

    name: str
    network: ApanetConfig
    seed: int = 1
    steps: int = 10_000
    batch_size: int = 8
    crop: tuple[int, int] = (128, 192)
    clear_share: float = 0.1
    learning_rate: float = 1e-3
    final_learning_rate: float = 1e-5
    warmup_steps: int = 200
    l1_weight: float = 1.0
    ssim_weight: float = 0.2
    gradient_clip: float = 1.0
    ema_decay: float = 0.999
    workers: int = 1
    checkpoint_every: int = 250
    validate_every: int = 500
    validation_scenes: int = 4

    def __post_init__(self) -> None:
        for name in (
            "steps",
            "batch_size",
            "checkpoint_every",
            "validate_every",
            "validation_scenes",
        ):
            self._require(name, getattr(self, name) >= 1, "1 or more")
        for name in ("workers", "warmup_steps", "final_learning_rate", "l1_weight", "ssim_weight"):
            self._require(name, getattr(self, name) >= 0, "0 or more")
        for name in ("clear_share", "ema_decay"):
            self._require(name, 0 <= getattr(self, name) <= 1, "0 to 1")
        for name in ("learning_rate", "gradient_clip"):
            self._require(name, 0 < getattr(self, name) < math.inf, "positive")
        smallest = f"at least {MINIMUM_SIDE} x {MINIMUM_SIDE} pixels"
        self._require("crop", min(self.crop) >= MINIMUM_SIDE, smallest)
        if self.l1_weight + self.ssim_weight == 0:
            raise ConfigError("Recipe settings l1_weight and ssim_weight: one must be positive.")

    def _require(self, name: str, condition: bool, wanted: str) -> None:
        if not condition:
            value = getattr(self, name)
            raise ConfigError(f"Recipe setting {name} must be {wanted}, got {value}.")

    def to_yaml(self) -> str:
        """Return the recipe as YAML, which `load_recipe` reads back."""
        values = dataclasses.asdict(self)
        values["crop"] = list(self.crop)
        values["network"] = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in values["network"].items()
        }
        return str(yaml.safe_dump(values, sort_keys=False))


def load_recipe(source: str | Path) -> Recipe:
    """Read a recipe, by the name of a shipped one or by path.

    Raises:
        ConfigError: no such recipe, no valid YAML, or an unknown or wrong setting. The message
            names the file and lists the valid keys.
    """
    path = RECIPES / f"{source}.yaml"
    path = path if path.is_file() else Path(source)
    if not path.is_file():
        shipped = ", ".join(sorted(recipe.stem for recipe in RECIPES.glob("*.yaml")))
        raise ConfigError(f"No recipe {str(source)!r}: give a YAML file or one of: {shipped}.")
    try:
        return _parse(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is no valid YAML: {error}") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _parse(values: Any) -> Recipe:
    if not isinstance(values, dict):
        raise ConfigError("a recipe is a table of settings.")
    types_ = get_type_hints(Recipe)
    unknown = sorted(set(map(str, values)) - set(types_))
    if unknown:
        raise ConfigError(f"unknown key {', '.join(unknown)}; valid: {', '.join(types_)}.")
    missing = [name for name in ("name", "network") if name not in values]
    if missing:
        raise ConfigError(f"{' and '.join(missing)} must be given.")
    return Recipe(**{key: _typed(key, value, types_[key]) for key, value in values.items()})


def _typed(key: str, value: Any, wanted: Any) -> Any:
    """Return a YAML value as the type its field wants, or raise `ConfigError`."""
    if wanted is ApanetConfig and isinstance(value, dict):
        return ApanetConfig.from_dict(value)
    if isinstance(wanted, types.GenericAlias) and isinstance(value, list):
        parts = cast("tuple[type, ...]", wanted.__args__)
        if len(parts) == len(value):
            return tuple(_typed(key, item, part) for item, part in zip(value, parts, strict=True))
    elif wanted is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    elif type(value) is wanted:
        return value
    kind = wanted if isinstance(wanted, types.GenericAlias) else wanted.__name__
    raise ConfigError(f"{key} must be {kind}, got {value!r}.")
