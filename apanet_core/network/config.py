"""The size and settings of one APANet; nothing here needs torch."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from apanet_core.errors import ConfigError

RELEASED_MEMORY_EPS = 1e9
"""The epsilon in the paper's released code, which all but removes external attention."""

CONFIG_KEY = "apanet_config"
"""Metadata key of our weights and exported files that holds the `ApanetConfig` as JSON."""

PRECISION_KEY = "apanet_precision"
"""Metadata key of exported files that holds the precision of their arithmetic."""

RETIRED = {"veil": False, "refinement": 0}
"""Settings that earlier versions wrote into files, and their value where they were off."""

MINIMUM_SIDE = 16
"""Smallest image height and width, in pixels, that the network takes."""


@dataclass(frozen=True)
class ApanetConfig:
    """Settings of an APANet. The defaults are the paper's network with its intended epsilon.

    Attributes:
        width: channels `C` of the first level; level `k` (from 0) has `C * 2**k`.
        blocks: basic blocks per encoder level, the last being the latent level. The decoder
            mirrors it.
        memory_size: external attention memory `S` per level.
        ffn_expansion: hidden channels of the GFFN over its input channels; even.
        memory_eps: epsilon that external attention adds to its normalising sum. 1e-9 for networks
            trained here, 1e9 (`RELEASED_MEMORY_EPS`) for the paper's released checkpoints.
        stem_fold: side of the pixel block that the stem folds into channels (space to depth), so
            that the first level runs at `1/stem_fold` of the image size. 1 is the paper's.
        parallax: per level, whether its blocks carry APAM. All of them do in the paper.
        parallax_mask: whether APAM looks only to columns of disparity 0 and more, as in the paper;
            without, to whole rows.
        max_disparity: largest disparity, in pixels of the image, that APAM looks for, so that its
            cost grows with `W * max_disparity`; 0 for every one, as in the paper. Needs the mask.
        standardise: whether each view is brought to one brightness and contrast, and back; see
            `standardisation.py`. The paper's network takes views as they are.
        parallax_gate: whether APAM weighs at every pixel what comes from the other view.
        haze: whether a summary of each view conditions the decoder, and haze is lifted apart from
            what falls; see `global_context.py` and `haze.py`. The paper's network has neither.
    """

    width: int = 32
    blocks: tuple[int, ...] = (4, 6, 6, 8)
    memory_size: tuple[int, ...] = (64, 64, 64, 64)
    ffn_expansion: int = 2
    memory_eps: float = 1e-9
    stem_fold: int = 1
    parallax: tuple[bool, ...] = (True, True, True, True)
    parallax_mask: bool = True
    max_disparity: int = 0
    standardise: bool = False
    parallax_gate: bool = False
    haze: bool = False

    def __post_init__(self) -> None:
        levels = len(self.blocks)
        _require(levels >= 2, f"blocks needs at least two levels, got {self.blocks}")
        for name in ("memory_size", "parallax"):
            values = getattr(self, name)
            _require(len(values) == levels, f"{name} needs {levels} values like blocks: {values}")
        _require(self.width >= 4 and self.width % 4 == 0, f"width must be 4, 8, ...: {self.width}")
        _require(min(self.blocks) >= 1, f"every level needs a block, got {self.blocks}")
        _require(min(self.memory_size) >= 1, f"memory_size must be positive: {self.memory_size}")
        _require(
            self.ffn_expansion >= 2 and self.ffn_expansion % 2 == 0,
            f"ffn_expansion must be 2, 4, ..., got {self.ffn_expansion}",
        )
        _require(self.memory_eps > 0, f"memory_eps must be positive, got {self.memory_eps}")
        _require(self.stem_fold in (1, 2, 4), f"stem_fold must be 1, 2 or 4: {self.stem_fold}")
        _require(
            self.max_disparity == 0 or (self.max_disparity > 0 and self.parallax_mask),
            f"max_disparity must be 0 or, with parallax_mask, positive: {self.max_disparity}",
        )
        _require(
            self.multiple <= 2 * MINIMUM_SIDE,
            f"stem_fold {self.stem_fold} with {levels} levels folds more than 32 pixels into one",
        )

    @property
    def multiple(self) -> int:
        """Both image sides are padded to a multiple of this many pixels."""
        return self.stem_fold * int(2 ** (len(self.blocks) - 1))

    def reach(self, level: int) -> int:
        """Columns of a level that APAM looks back, 0 for all."""
        return -(-self.max_disparity // (self.stem_fold * int(2**level)))

    def to_json(self) -> str:
        """Return the settings as a JSON object, the form kept in our weights files."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ApanetConfig:
        """Read what `to_json` wrote.

        Raises:
            ConfigError: it is no JSON object, or as `from_dict`.
        """
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise ConfigError(f"The network's settings are no JSON: {error}.") from error
        if not isinstance(values, dict):
            raise ConfigError("The network's settings are no JSON object.")
        return cls.from_dict(_without_retired(values))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ApanetConfig:
        """Build a configuration from plain values, as JSON or YAML give them.

        Raises:
            ConfigError: a key is unknown, or a value has the wrong type or is out of range.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ConfigError(
                f"Unknown network setting {', '.join(unknown)}; valid: {', '.join(sorted(known))}."
            )
        settings: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        for field in dataclasses.fields(cls):
            if field.name in settings and not _fits(settings[field.name], field.default):
                raise ConfigError(
                    f"Network setting {field.name} has the wrong type: {values[field.name]!r}; its "
                    f"default is {field.default!r}."
                )
        return cls(**settings)


def _without_retired(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out settings of earlier versions that were off; what needs them cannot be run."""
    used = sorted(name for name, off in RETIRED.items() if values.get(name, off) != off)
    if used:
        raise ConfigError(
            f"The network's setting {', '.join(used)} is of an earlier version of this package and "
            "is no longer computed: train the network anew, or use that version."
        )
    return {name: value for name, value in values.items() if name not in RETIRED}


def _fits(value: object, default: object) -> bool:
    """Whether a value has the type of a setting's default; a whole number may stand for a float."""
    if isinstance(default, tuple):
        return isinstance(value, tuple) and all(_fits(item, default[0]) for item in value)
    return type(value) is type(default) or (type(default), type(value)) == (float, int)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(f"Network setting {message}.")
