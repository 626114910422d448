"""The features of the paper: VGG19 (Simonyan and Zisserman 2015), trained on ImageNet."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from apanet_core.errors import CheckpointError, ImageError
from apanet_core.losses.features.extractor import rising_weights
from apanet_core.network.foreign import fitting_weights, read_weights
from apanet_core.weights.hashes import sha256

# Output channels of the convolutions; pooling stands between the stages. Nothing follows the last
# map that is wanted.
_STAGES = ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,))
# Where the first ReLU of each stage stands in the flat row of layers that torchvision numbers.
_FIRST_RELUS = (1, 6, 11, 20, 29)
_MINIMUM_SIDE = 2 ** (len(_STAGES) - 1)

_SOURCE = (
    "give torchvision's vgg19 weights (https://download.pytorch.org/models/vgg19-dcbb9e9d.pth), "
    "or choose encoder:MODEL, which needs no download"
)


class Vgg19Features(nn.Module):
    """VGG19 up to relu5_1, with feature maps relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1.

    Takes RGB float `[B,3,H,W]` in [0, 1], H and W of at least 16, and returns maps of 64, 128, 256,
    512, 512 channels at 1, 1/2, 1/4, 1/8, 1/16 of the size.

    Args:
        path: VGG19's state dict with torchvision's names (`features.0.weight`, ...), as `.pth` or
            `.safetensors`. The classifier and what lies beyond relu5_1 are not read and may be
            missing. Nothing in the file is ever executed.

    Raises:
        CheckpointError: the file is missing, damaged or no VGG19; the message names it and says
            where such a file can be had.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        path = Path(path)
        self.weights = rising_weights(len(_STAGES))
        self.features = _trunk()
        # The colours that torchvision's weights were trained with.
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406])[:, None, None])
        self.register_buffer("deviation", torch.tensor([0.229, 0.224, 0.225])[:, None, None])
        _load(self.features, path)
        self.identity = f"vgg19 sha256:{sha256(path)}"
        self.eval().requires_grad_(False)

    def forward(self, image: Tensor) -> list[Tensor]:
        if image.ndim != 4 or image.shape[1] != 3 or min(image.shape[-2:]) < _MINIMUM_SIDE:
            raise ImageError(
                f"VGG19 takes [B,3,H,W] with H and W of at least {_MINIMUM_SIDE}, "
                f"got {tuple(image.shape)}."
            )
        maps = []
        features = (image - self.mean) / self.deviation
        for index, layer in enumerate(self.features):
            features = layer(features)
            if index in _FIRST_RELUS:
                maps.append(features)
        return maps


def _trunk() -> nn.Sequential:
    layers: list[nn.Module] = []
    channels = 3
    for stage, widths in enumerate(_STAGES):
        if stage > 0:
            layers.append(nn.MaxPool2d(2))
        for width in widths:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
    return nn.Sequential(*layers)


def _load(trunk: nn.Sequential, path: Path) -> None:
    if not path.is_file():
        raise CheckpointError(f"No VGG19 weights {str(path)!r}: {_SOURCE}.")
    expected = trunk.state_dict()
    names = {name: f"features.{name}" for name in expected}
    try:
        trunk.load_state_dict(fitting_weights(read_weights(path), names, expected, "VGG19"))
    except CheckpointError as error:
        raise CheckpointError(f"Cannot load VGG19 from {path}, {error}: {_SOURCE}.") from error
