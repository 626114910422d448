"""One training experiment as a strict, typed YAML file."""

from __future__ import annotations

import json
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from apanet_core.errors import ConfigError
from apanet_core.network.config import MINIMUM_SIDE, ApanetConfig

RECIPES = Path(__file__).parent / "recipes"

STRICT = ConfigDict(extra="forbid", strict=True)

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Side = Annotated[int, Field(ge=MINIMUM_SIDE)]
Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
# Each holds a copy of the program: far more than any machine has cores only fill its memory.
Workers = Annotated[int, Field(ge=0, le=256)]
Network = Annotated[
    ApanetConfig,
    BeforeValidator(lambda v: ApanetConfig.from_dict(v) if isinstance(v, dict) else v),
]
OptimizerKind = Literal["adam", "muon"]
Kind = Literal[
    "clean_stereo", "clean_single", "rainy_stereo", "rainy_single", "real_stereo", "real_single"
]


_CLEAN = ("clean_stereo", "clean_single")
_KINDS_OF = {
    "separate_share": _CLEAN,
    "thin_share": _CLEAN,
    "spoilt_share": _CLEAN,
    "scaled_share": ("clean_stereo",),
    "veil_free": ("rainy_single",),
}
"""Options that mean nothing to the other kinds of sources."""


@dataclass(frozen=True, config=STRICT)
class SourceRecipe:
    """One folder of pictures to train on.

    Attributes:
        kind: its layout, as `apanet_core.data.sources` lists them.
        folder: below the data folder.
        weight: how often it is drawn from, relative to the other sources.
        part: the share of its sorted pictures to use, from and to, so that a folder can be divided
            between training and validation.
        clear_share: share of draws without rain, so that the network learns to leave a dry picture
            alone. Clean kinds only.
        streak_masks: folder of streak masks (bright on black), below the data folder, that serve
            as rain of another kind. Clean kinds only.
        mask_share: share of rainy draws whose rain comes from those masks.
        wet_share: share of rainy draws in which the ground is wet. `clean_stereo` only.
        separate_share: share of rainy draws in which veil, streaks of several kinds, flakes, spray,
            drops on the lens and night are drawn independently. Clean kinds only.
        thin_share: share of draws with posts, wires and railings drawn into the scene. The same.
        spoilt_share: share of draws in which one view is no help: dead, fogged ... The same.
        scaled_share: share of draws that show a pair larger or smaller. `clean_stereo` only.
        veil_free: streaks fall there without a veil. `rainy_single` only.
        largest_crop: `(height, width)` in pixels, for pictures smaller than a stage's crop: larger
            ones are limited to it.
        augment: mirror scenes and change their exposure, at random.
        cameras: show each scene by another camera as well: grey or in colour, flat or hard, noisy
            or not, through JPEG or not; see docs/cameras.md.
    """

    kind: Kind
    folder: str
    weight: Positive = 1.0
    part: tuple[Share, Share] = (0.0, 1.0)
    clear_share: Share = 0.1
    streak_masks: str | None = None
    mask_share: Share = 0.25
    wet_share: Share = 0.2
    separate_share: Share = 0.0
    thin_share: Share = 0.0
    spoilt_share: Share = 0.0
    scaled_share: Share = 0.0
    veil_free: bool = False
    largest_crop: tuple[Side, Side] | None = None
    augment: bool = True
    cameras: bool = False

    def __post_init__(self) -> None:
        for option, kinds in _KINDS_OF.items():
            if getattr(self, option) and self.kind not in kinds:
                raise ConfigError(
                    f"{self.folder} is {self.kind}, which takes no {option}: it is for "
                    f"{' and '.join(kinds)}."
                )


@dataclass(frozen=True, config=STRICT)
class ValidationRecipe:
    """What chooses the best weights: pictures of other places than those trained on.

    Attributes:
        kind: clean pairs on which rain is rendered, or rainy pairs with their clean ones.
        folder: below the data folder; never a test split.
        part: share of the sorted pairs, as in `SourceRecipe`.
        scenes: pairs used, evenly spread over that part.
        every: steps between validations.
        cameras: several kinds of cameras send the scenes in turn, and the weights that gain most
            with the mean of them are the best. By default the pictures are taken as they are.
    """

    folder: str
    kind: Literal["clean_stereo", "rainy_stereo"] = "clean_stereo"
    part: tuple[Share, Share] = (0.0, 1.0)
    scenes: Count = 4
    every: Count = 500
    cameras: bool = False


@dataclass(frozen=True, config=STRICT)
class StageRecipe:
    """Part of a training in which crop and batch stay the same.

    Attributes:
        crop: `(height, width)` in pixels.
        batch_size: pairs per step, over all processes together.
        steps: optimizer steps; or
        epochs: times that as many pairs are drawn as the sources hold.
    """

    crop: tuple[Side, Side]
    batch_size: Count
    steps: Count | None = None
    epochs: Positive | None = None

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.epochs is None):
            raise ConfigError("Every stage needs either steps or epochs.")


@dataclass(frozen=True, config=STRICT)
class LossRecipe:
    """Weights of the supervised losses, on both views.

    Attributes:
        ssim: of `1 - SSIM`, the paper's.
        l1: of the mean absolute error.
        psnr: of the logarithm of the mean squared error, which counts every picture alike.
        consistency: of how differently the two views are wrong, along their disparity.
        hazy: of the mean absolute error of the views without what falls, where their haze is known.
        brightness: of the mean absolute error of the brightness field.
        drops: of the mean absolute error inside drops on the lens.
    """

    ssim: NotNegative = 1.0
    l1: NotNegative = 0.0
    psnr: NotNegative = 0.0
    consistency: NotNegative = 0.0
    hazy: NotNegative = 0.0
    brightness: NotNegative = 0.0
    drops: NotNegative = 0.0

    def __post_init__(self) -> None:
        if self.ssim + self.l1 + self.psnr == 0:
            raise ConfigError("Of loss ssim, l1 and psnr one must be positive.")


@dataclass(frozen=True, config=STRICT)
class OptimizerRecipe:
    """How weights follow gradients, a linear warm-up and a cosine over all samples.

    Attributes:
        kind: `adam`, as the paper; or `muon`, which learns more from each step.
        learning_rate: after warm-up.
        final_learning_rate: at the last step.
        warmup_steps: over which the learning rate rises from zero.
        gradient_clip: largest gradient norm.
        ema_decay: of the averaged weights, which are the ones validated and kept.
        precision: of the network's arithmetic; losses and weights stay float32. float16 needs CUDA.
    """

    kind: OptimizerKind = "adam"
    learning_rate: Positive = 3e-4
    final_learning_rate: NotNegative = 2e-6
    warmup_steps: Annotated[int, Field(ge=0)] = 0
    gradient_clip: Positive = 1.0
    ema_decay: Share = 0.999
    precision: Literal["float32", "bfloat16", "float16"] = "float32"


@dataclass(frozen=True, config=STRICT)
class RealRainRecipe:
    """Single-to-stereo distillation on unpaired real rain, the paper's second stage.

    Attributes:
        teacher: weights of a single-image network (no parallax attention).
        sources: folders of real rainy pictures.
        batch_size: real pairs per step, over all processes together.
        features: of the contrastive loss: `vgg19:FILE` or `encoder:MODEL`.
        contrastive, total_variation, dark_channel: weights of the losses.
    """

    teacher: str
    sources: tuple[SourceRecipe, ...]
    batch_size: Count = 2
    features: str = "encoder:tiny"
    contrastive: NotNegative = 2e-3
    total_variation: NotNegative = 5e-5
    dark_channel: NotNegative = 1e-6

    def __post_init__(self) -> None:
        if not self.sources:
            raise ConfigError("real_rain.sources must list one entry at least.")


@dataclass(frozen=True, config=STRICT)
class LargeModelRecipe:
    """Distillation of a small network from a large one, on the same pictures.

    Attributes:
        teacher: weights of the large network.
        output: weight of the distance between the outputs.
        taps: weight of the distance between the features.
    """

    teacher: str
    output: NotNegative = 1.0
    taps: NotNegative = 0.0


@dataclass(frozen=True, config=STRICT)
class Recipe:
    """Everything that decides what a training produces, apart from the pictures.

    Attributes:
        name: of the weights.
        network: settings of the network.
        train: sources of pictures.
        validate: what chooses the best weights.
        stages: one after the other, for progressive crops.
        loss: supervised losses.
        optimizer: how weights follow gradients.
        real_rain: the paper's second stage, if wanted.
        large_model: distillation from a larger network, if wanted.
        seed: of weights, pictures, crops and rain, 0 to 2**63 - 1.
        workers: processes that prepare samples, up to 256; 0 prepares them in the training process.
        checkpoint_every: steps between saved states.
    """

    name: str
    network: Network
    train: tuple[SourceRecipe, ...]
    validate: ValidationRecipe
    stages: tuple[StageRecipe, ...]
    loss: LossRecipe = field(default_factory=LossRecipe)
    optimizer: OptimizerRecipe = field(default_factory=OptimizerRecipe)
    real_rain: RealRainRecipe | None = None
    large_model: LargeModelRecipe | None = None
    seed: Seed = 1
    workers: Workers = 1
    checkpoint_every: Count = 250

    def __post_init__(self) -> None:
        for name in ("train", "stages"):
            if not getattr(self, name):
                raise ConfigError(f"{name} must list one entry at least.")
        if self.loss.hazy and not self.network.haze:
            raise ConfigError(
                "loss.hazy needs a network that knows haze: set network.haze to true, or leave "
                "loss.hazy out."
            )
        _require_kinds("train", self.train, real=False)
        if self.real_rain is not None:
            _require_kinds("real_rain sources", self.real_rain.sources, real=True)
        _keep_validation_apart(self)

    def to_yaml(self) -> str:
        """Return the recipe as YAML, which `load_recipe` reads back."""
        values = TypeAdapter(Recipe).dump_python(self, mode="json", exclude_none=True)
        return str(yaml.safe_dump(values, sort_keys=False))


def load_recipe(source: str | Path) -> Recipe:
    """Read a recipe, by the name of a shipped one or by path.

    A recipe may begin with `extends: NAME` (a shipped one, or a file beside it): it then holds only
    what differs. Tables are merged, anything else replaced.

    Raises:
        ConfigError: no such recipe, no valid YAML, or an unknown or wrong setting. The message
            names the file and lists the valid keys.
    """
    path = _find(str(source), Path())
    try:
        return _parse(_read(path))
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _find(source: str, folder: Path) -> Path:
    path = RECIPES / f"{source}.yaml"
    path = path if path.is_file() else folder / source
    if not path.is_file():
        shipped = ", ".join(sorted(recipe.stem for recipe in RECIPES.glob("*.yaml")))
        raise ConfigError(f"No recipe {source!r}: give a YAML file or one of: {shipped}.")
    return path


def _read(path: Path, extended_by: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Return the settings of a file, on those of the one that it extends."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"it is no valid YAML: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError("a recipe is a table of settings.")
    if "extends" not in values:
        return values
    base = _find(str(values.pop("extends")), path.parent)
    # Resolved, since one file has many paths: by ../, or by a link.
    so_far = (*extended_by, path.resolve())
    if base.resolve() in so_far:
        raise ConfigError(f"{base} extends itself.")
    return _merged(_read(base, so_far), values)


def _merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return base | {
        key: _merged(base[key], value)
        if isinstance(value, dict) and isinstance(base.get(key), dict)
        else value
        for key, value in changes.items()
    }


def _parse(values: dict[str, Any]) -> Recipe:
    try:
        # As JSON, whose lists may stand for tuples and whole numbers for floats; nothing else is
        # converted.
        return TypeAdapter(Recipe).validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        raise ConfigError(_sentence(error, values)) from error


def _sentence(error: ValidationError, values: Any) -> str:
    """Say what is wrong with one setting: an unknown one, which may be another's wrong name."""
    first = min(error.errors(), key=lambda found: found["type"] != "unexpected_keyword_argument")
    where = ".".join(map(str, first["loc"]))
    if first["type"] == "unexpected_keyword_argument":
        valid = ", ".join(_valid_keys(first["loc"][:-1]))
        return f"unknown key {where}; valid: {valid}."
    if first["type"] in ("missing", "missing_argument"):
        return f"{where} must be given."
    hint = ' (YAML 1.1 reads "1e-3" as text: write 1.0e-3)' if first["type"] == "float_type" else ""
    message = first["msg"][0].lower() + first["msg"][1:]
    return f"{where} is {_at(values, first['loc'])!r}: {message}{hint}."


def _valid_keys(location: tuple[int | str, ...]) -> list[str]:
    schema: Any = TypeAdapter(Recipe).json_schema()
    definitions = schema.get("$defs", {})
    for part in location:
        schema = schema["items"] if isinstance(part, int) else schema["properties"][part]
        options = [option for option in schema.get("anyOf", [schema]) if "null" not in option]
        schema = options[0]
        if "$ref" in schema:
            schema = definitions[schema["$ref"].rpartition("/")[2]]
    return list(schema["properties"])


def _at(values: Any, location: tuple[int | str, ...]) -> Any:
    for part in location:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            break
    return values


def _require_kinds(setting: str, sources: tuple[SourceRecipe, ...], real: bool) -> None:
    for source in sources:
        if source.kind.startswith("real_") != real:
            wanted = (
                "real_stereo or real_single, pictures of real rain"
                if real
                else "a kind with clean pictures; those of real rain belong below real_rain"
            )
            raise ConfigError(f"{setting}: {source.folder} is {source.kind}, it must be {wanted}.")


def _keep_validation_apart(recipe: Recipe) -> None:
    chosen = recipe.validate
    if {"test", "testing"} & set(Path(chosen.folder).parts):
        raise ConfigError(
            f"validate: {chosen.folder} is a test split, which must not choose the weights: take a "
            "part of the training folder instead."
        )
    for source in recipe.train:
        apart = chosen.part[1] <= source.part[0] or source.part[1] <= chosen.part[0]
        if _same_pictures(source, chosen) and not apart:
            raise ConfigError(
                f"validate: {chosen.folder} is trained on as well: give both another part."
            )


def _same_pictures(source: SourceRecipe, chosen: ValidationRecipe) -> bool:
    """Whether both name one folder; `rainy_stereo` takes that in a dataset's `training/` too."""
    trained = {Path(source.folder)}
    if source.kind == "rainy_stereo":
        trained.add(Path(source.folder) / "training")
    return Path(chosen.folder) in trained
