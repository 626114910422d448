from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from safetensors import safe_open

from apanet_core.errors import CheckpointError, ConfigError
from apanet_core.network.checkpoint import load_model, save_model
from apanet_core.network.config import RELEASED_MEMORY_EPS
from apanet_core.weights import resolve_weights
from apanet_core.weights.conversion import convert_released, import_weights
from apanet_core.weights.description import describe


@pytest.fixture(scope="module")
def net(data_folder) -> dict[str, torch.Tensor]:
    """A small state dict of the released network."""
    with np.load(data_folder / "small.npz") as file:
        return {
            name.removeprefix("state/"): torch.from_numpy(file[name])
            for name in file
            if name.startswith("state/")
        }


@pytest.fixture
def released(tmp_path, net) -> Path:
    path = tmp_path / "APANet.pth"
    torch.save({"net": net, "best_psnr": 36.1}, path)
    return path


@pytest.fixture
def ours(tmp_path, make_network, small_config) -> Path:
    path = tmp_path / "best.safetensors"
    save_model(make_network(small_config), path, metadata={"step": "9"})
    return path


@pytest.mark.parametrize(("half", "dtype"), [(False, torch.float32), (True, torch.float16)])
def test_a_converted_file_holds_the_same_network(tmp_path, released, half, dtype) -> None:
    target = tmp_path / "converted.safetensors"

    convert_released(released, target, half)

    before, after = load_model(released), load_model(target)
    assert after.config == before.config
    assert after.config.memory_eps == RELEASED_MEMORY_EPS
    for name, tensor in before.state_dict().items():
        assert torch.equal(after.state_dict()[name], tensor.to(dtype).float()), name
    with safe_open(target, framework="pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {dtype}  # noqa: SIM118
    said = describe(target).metadata
    assert said == {"description": "Converted from the released checkpoint APANet.pth."}


def test_weights_too_large_for_half_leave_an_earlier_file_alone(tmp_path, net) -> None:
    source, target = tmp_path / "large.pth", tmp_path / "a.safetensors"
    large = {name: tensor.clone() for name, tensor in net.items()}
    large["project_in.weight"][0, 0, 0, 0] = -70000
    torch.save({"net": large}, source)
    target.write_text("earlier")

    with pytest.raises(CheckpointError, match=r"large\.pth holds 70000, too large for float16"):
        convert_released(source, target, half=True)

    assert target.read_text() == "earlier"
    convert_released(source, target)
    assert describe(target).config.width == 8


def test_files_are_named_as_what_they_are(tmp_path, released, ours) -> None:
    with pytest.raises(ConfigError, match=r"best\.safetensors must end in \.pth\."):
        convert_released(ours, tmp_path / "a.safetensors")
    with pytest.raises(ConfigError, match=r"a\.bin must end in \.safetensors\."):
        convert_released(released, tmp_path / "a.bin")
    with pytest.raises(ConfigError, match=r"No folder .*nowhere: make it first\."):
        convert_released(released, tmp_path / "nowhere" / "a.safetensors")


@pytest.mark.parametrize("ending", [".pt", ".ckpt", ".PTH"])
def test_a_released_file_may_end_otherwise(user_folder, tmp_path, released, ending: str) -> None:
    other = tmp_path / f"other{ending}"
    other.write_bytes(released.read_bytes())

    assert import_weights(other, "road") == user_folder / "road.safetensors"
    with pytest.raises(ConfigError, match=r"Files that end in \.ckpt or \.pt are read as \.pth is"):
        import_weights(other.rename(tmp_path / "other.bin"), "track")


def test_imported_weights_are_found_by_name(user_folder, ours) -> None:
    path = import_weights(ours, "road")

    assert path == user_folder / "road.safetensors" == resolve_weights("road")
    assert path.read_bytes() == ours.read_bytes()
    assert [file.name for file in user_folder.iterdir()] == ["road.safetensors"]


def test_a_released_file_is_converted_on_the_way(user_folder, released) -> None:
    path = import_weights(released, "paper")

    assert path == user_folder / "paper.safetensors"
    assert load_model("paper").config == load_model(released).config


def test_a_model_card_comes_along_and_goes_with_its_weights(user_folder, ours, released) -> None:
    ours.with_suffix(".md").write_text("# A card\n")

    import_weights(ours, "road")
    assert (user_folder / "road.md").read_text() == "# A card\n"

    import_weights(released, "road", replace=True)
    assert not (user_folder / "road.md").exists()


def test_a_name_is_taken_only_once_unless_replaced(user_folder, ours, released) -> None:
    first = import_weights(ours, "road")
    before = first.read_bytes()

    with pytest.raises(
        CheckpointError, match=re.escape(f"'road' is taken by {first}: give another --name, or")
    ):
        import_weights(released, "road")
    assert first.read_bytes() == before

    import_weights(released, "road", replace=True)
    assert first.read_bytes() != before


def test_a_shipped_name_is_never_replaced(user_folder, ours) -> None:
    with pytest.raises(CheckpointError, match="'tiny' is shipped and cannot be replaced"):
        import_weights(ours, "tiny", replace=True)

    assert not user_folder.exists()


@pytest.mark.parametrize("name", ["", "a.b", "../road", "-road", "a b"])
def test_names_that_could_be_paths_are_refused(user_folder, ours, name) -> None:
    with pytest.raises(ConfigError, match=f"{re.escape(repr(name))} is no name for weights"):
        import_weights(ours, name)


def test_what_is_no_apanet_is_not_imported(user_folder, tmp_path, write_weights) -> None:
    foreign = write_weights(tmp_path / "foreign.safetensors")
    pickle = tmp_path / "foreign.pth"
    torch.save({"net": {"a": torch.ones(1)}}, pickle)

    with pytest.raises(CheckpointError, match="tensor a is not part of its configuration"):
        import_weights(foreign, "road")
    with pytest.raises(CheckpointError, match="it is not a released APANet"):
        import_weights(pickle, "road")
    with pytest.raises(ConfigError, match=r"foreign\.onnx must end in \.safetensors or \.pth\."):
        import_weights(foreign.rename(tmp_path / "foreign.onnx"), "road")
    with pytest.raises(CheckpointError, match=r"No weights .*none\.pth: give a \.safetensors or"):
        import_weights(tmp_path / "none.pth", "road")

    assert not user_folder.exists() or list(user_folder.iterdir()) == []
