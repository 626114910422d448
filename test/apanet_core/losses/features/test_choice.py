from __future__ import annotations

import pytest

pytest.importorskip("torch")

import hashlib

import torch

from apanet_core.errors import CheckpointError, ConfigError
from apanet_core.losses.features import EncoderFeatures, load_features
from apanet_core.network.checkpoint import save_model
from apanet_core.weights import resolve_weights


def test_the_encoder_of_a_file(tmp_path, make_network, small_config) -> None:
    path = tmp_path / "mine.safetensors"
    model = make_network(small_config)
    save_model(model, path)

    features = load_features(f"encoder:{path}")

    image = torch.rand(1, 3, 16, 16)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert features.identity == f"apanet encoder of mine sha256:{digest}"
    # Weights at other addresses may be multiplied by other kernels.
    torch.testing.assert_close(features(image)[1], EncoderFeatures(model)(image)[1])


def test_the_encoder_of_shipped_weights() -> None:
    features = load_features("encoder:tiny")

    digest = hashlib.sha256(resolve_weights("tiny").read_bytes()).hexdigest()
    assert features.identity == f"apanet encoder of tiny sha256:{digest}"
    assert len(features(torch.rand(1, 3, 32, 48))) == len(features.weights)


@pytest.mark.parametrize("choice", ["", "tiny", "vgg19", "vgg19:", "encoder:", "vgg16:a.pth"])
def test_another_form_is_refused(choice: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"No feature extractor '{choice}': give vgg19:PATH .* or encoder:MODEL "
    ):
        load_features(choice)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("encoder:no_such_name", "No weights 'no_such_name': give a path .*shipped name"),
        ("vgg19:no/such.pth", "No VGG19 weights 'no/such.pth': give torchvision's vgg19 weights"),
    ],
)
def test_a_missing_file_is_named(choice: str, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        load_features(choice)
