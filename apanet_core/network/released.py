"""The paper's released checkpoints: their names, and the architecture read off their shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import Tensor

from apanet_core.errors import CheckpointError
from apanet_core.network.config import RELEASED_MEMORY_EPS, ApanetConfig

_BLOCK_NAMES = (
    ("eam.attention_norm.", "spatial_block.norm1.body."),
    ("eam.attention.memory_key.", "spatial_block.attn.EAttentionBlock.mk."),
    ("eam.attention.memory_value.", "spatial_block.attn.EAttentionBlock.mv."),
    ("eam.feed_forward_norm.", "spatial_block.norm2.body."),
    ("eam.feed_forward.depthwise.", "spatial_block.ffn.dwconv."),
    ("eam.feed_forward.", "spatial_block.ffn."),
    ("eam.", "spatial_block."),
    ("apam.left_norm.", "stereo_block.norm_l."),
    ("apam.right_norm.", "stereo_block.norm_r."),
    ("apam.left_score.", "stereo_block.l_proj1."),
    ("apam.right_score.", "stereo_block.r_proj1."),
    ("apam.left_value.", "stereo_block.l_proj2."),
    ("apam.right_value.", "stereo_block.r_proj2."),
    ("apam.", "stereo_block."),
)

# Under which names trainings keep a table of weights, best first: averaged weights are those that
# are meant to be used.
_WRAPPERS = ("net", "params_ema", "params", "state_dict", "model_state_dict", "model")

# What trainings write before each name: of DataParallel, torch.compile, Lightning and their like.
_PREFIXES = ("module.", "_orig_mod.", "net.", "model.")


def table_of_weights(content: Any) -> dict[str, Tensor]:
    """Return the weights of a checkpoint by the released names, whatever they are wrapped in.

    They may lie under `net`, as the paper's do, under `params_ema`, `params`, `state_dict`,
    `model_state_dict` or `model`, one in the other, or be the file; and have prefixes such as
    `module.`.

    Raises:
        CheckpointError: there is no table of weights; a clause about the file.
    """
    found = content
    while isinstance(found, dict):
        inner = next((found[name] for name in _WRAPPERS if isinstance(found.get(name), dict)), None)
        if inner is None:
            break
        found = inner
    if not _is_table(found):
        raise CheckpointError(
            "it has no table of weights under 'net', as released files do, nor under "
            f"{', '.join(_WRAPPERS[1:])}"
        )
    return _without_prefixes(found)


def _is_table(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and bool(found)
        and all(
            isinstance(name, str) and isinstance(value, Tensor) for name, value in found.items()
        )
    )


def _without_prefixes(table: dict[str, Tensor]) -> dict[str, Tensor]:
    while True:
        shared = [prefix for prefix in _PREFIXES if all(map(_begins_with(prefix), table))]
        if not shared:
            break
        table = {name.removeprefix(shared[0]): value for name, value in table.items()}
    return table


def _begins_with(prefix: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(prefix)


def released_name(name: str) -> str:
    """Return the released checkpoints' name of one of our parameters."""
    head, dot, rest = name.partition(".")
    if head in ("stem", "head"):
        return {"stem": "project_in", "head": "project_out"}[head] + dot + rest
    if head == "latent":
        return _block_name(name)
    index, _, rest = rest.partition(".")
    level = int(index) + 1
    prefix = {
        "encoder": f"encoder_level{level}.",
        "decoder": f"decoder_level{level}.",
        "down": f"down{level}_{level + 1}.body.",
        "up": f"up{level + 1}_{level}.body.",
        "reduce": f"reduce_chan_level{level}.",
    }[head]
    return _block_name(prefix + rest)


def from_released(net: Mapping[str, Tensor], names: Iterable[str]) -> dict[str, Tensor]:
    """Return released weights under our `names`.

    Raises:
        CheckpointError: a name is missing there, or one is left over.
    """
    theirs = {name: released_name(name) for name in names}
    missing = sorted(set(theirs.values()) - set(net))
    extra = sorted(set(net) - set(theirs.values()))
    if missing or extra:
        wrong = f"lacks {missing[0]}" if missing else f"has the unknown {extra[0]}"
        raise CheckpointError(f"it {wrong} ({len(missing)} missing, {len(extra)} unknown)")
    return {ours: net[released] for ours, released in theirs.items()}


def released_config(net: Mapping[str, Tensor]) -> ApanetConfig:
    """Read the architecture of a released checkpoint off its tensors.

    Raises:
        CheckpointError: the names are not those of a released APANet.
    """
    levels = ("encoder_level1", "encoder_level2", "encoder_level3", "latent")
    width = _rows(net, "project_in.weight")
    hidden = _rows(net, "encoder_level1.0.spatial_block.ffn.project_in.weight")
    memory = "{}.0.spatial_block.attn.EAttentionBlock.mk.weight"
    return ApanetConfig(
        width=width,
        blocks=tuple(_count_blocks(net, level) for level in levels),
        memory_size=tuple(_rows(net, memory.format(level)) for level in levels),
        ffn_expansion=hidden // max(width, 1),
        memory_eps=RELEASED_MEMORY_EPS,
    )


def _rows(net: Mapping[str, Tensor], name: str) -> int:
    if name not in net or not net[name].shape:
        raise CheckpointError(f"it is not a released APANet: it lacks the weights {name}")
    return net[name].shape[0]


def _block_name(name: str) -> str:
    for ours, theirs in _BLOCK_NAMES:
        if f".{ours}" in name:
            return name.replace(f".{ours}", f".{theirs}")
    return name


def _count_blocks(net: Mapping[str, Tensor], level: str) -> int:
    numbers = (re.match(rf"{level}\.(\d+)\.", name) for name in net)
    return len({number[1] for number in numbers if number})
