from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

import onnx
import onnx.inliner
import onnxruntime

from apanet_core.errors import ApanetError, BackendError
from apanet_core.export import onnx_export
from apanet_core.export.onnx_export import (
    CHECKED_SIZES,
    TOLERANCES,
    ExportOptions,
    export_onnx,
)
from apanet_core.network.checkpoint import load_model
from apanet_core.runtime.derainer import StereoDerainer


@pytest.mark.parametrize("size", [(16, 16), (5, 7), (17, 33), (61, 140), (120, 96)])
def test_computes_what_torch_does(exported, motorcycle, size: tuple[int, int]) -> None:
    left, right = (view[150 : 150 + size[0], 300 : 300 + size[1]] for view in motorcycle[:2])

    with_onnx = StereoDerainer(exported.onnx, "cpu").derain(left, right)
    with_torch = StereoDerainer(exported.weights, "cpu").derain(left, right)

    for ours, theirs in zip(with_onnx, with_torch, strict=True):
        assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert np.abs(with_onnx[0].astype(int) - left).max() > 10


def test_the_file_is_whole_and_holds_the_configuration(exported) -> None:
    model = onnx.load(exported.onnx)

    onnx.checker.check_model(model)
    assert [opset.version for opset in model.opset_import if not opset.domain] == [20]
    noted = {entry.key: entry.value for entry in model.metadata_props}
    assert noted.keys() == {"apanet_config", "apanet_precision"}
    assert noted["apanet_precision"] == "float32"
    assert json.loads(noted["apanet_config"]) == json.loads(
        load_model(exported.weights).config.to_json()
    )


def test_no_scores_of_whole_rows_are_stored(exported) -> None:
    left, right = np.random.default_rng(0).random((2, 1, 3, 64, 512), np.float32)
    model = onnx.inliner.inline_local_functions(onnx.load(exported.onnx))
    softmaxes = [node.output[0] for node in model.graph.node if node.op_type == "Softmax"]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in softmaxes)
    session = onnxruntime.InferenceSession(model.SerializeToString())

    scores = session.run(softmaxes, {"left": left, "right": right})

    # The one block with APAM works at a quarter of the side; external attention has 4 slots.
    sizes = sorted(array.size for array in scores if array.shape[1] != 4)
    assert sizes[-1] == 16 * 128 * 128 // 8
    assert len(sizes) == 2 * 8


@pytest.fixture(scope="module")
def half(exported, tmp_path_factory):
    path = tmp_path_factory.mktemp("half") / "half.onnx"
    model = load_model(exported.weights)
    return path, export_onnx(model, path, ExportOptions(opset=23, precision="float16"))


def test_half_precision_is_within_its_own_tolerance(half) -> None:
    path, report = half

    assert TOLERANCES["float32"] < report.worst <= report.tolerance == TOLERANCES["float16"]
    assert StereoDerainer(path, "cpu").description.endswith("cpu, float16) on cpu")


def test_the_operator_set_decides_how_attention_is_written(half) -> None:
    operators = [node.op_type for node in onnx.load(half[0]).graph.node]

    # One block at the coarse level attends in both directions.
    assert operators.count("Attention") == 2


def test_another_precision_than_the_files_is_refused(half) -> None:
    with pytest.raises(BackendError, match=r"half\.onnx computes in float16, not in float32: exp"):
        StereoDerainer(half[0], "cpu", precision="float32")


def test_the_file_says_nothing_of_the_machine_that_made_it(exported) -> None:
    content = exported.onnx.read_bytes()

    assert b"site-packages" not in content
    assert b"apanet.py" not in content


@pytest.fixture
def another(exported, make_network, monkeypatch):
    """A network, and an exporter that writes a different one."""
    monkeypatch.setattr(onnx_export, "_write", lambda _, path, __: shutil.copy(exported.onnx, path))
    return make_network(load_model(exported.weights).config, seed=5)


def test_a_file_that_computes_something_else_is_not_kept(tmp_path, another) -> None:
    with pytest.raises(
        ApanetError,
        match=r"network\.onnx was not written: it differs from torch by \d.*, allowed is 1e-04",
    ):
        export_onnx(another, tmp_path / "network.onnx")

    assert list(tmp_path.iterdir()) == []


def test_an_earlier_file_stays_whole(tmp_path, another) -> None:
    (tmp_path / "network.onnx").write_bytes(b"earlier")

    with pytest.raises(ApanetError, match="was not written"):
        export_onnx(another, tmp_path / "network.onnx")

    assert (tmp_path / "network.onnx").read_bytes() == b"earlier"


@pytest.mark.usefixtures("another")
def test_the_report_holds_every_checked_size(exported, tmp_path) -> None:
    report = export_onnx(load_model(exported.weights), tmp_path / "network.onnx")

    assert tuple(report.differences) == CHECKED_SIZES
    assert 0 < report.worst == max(report.differences.values()) <= report.tolerance
    assert [path.name for path in tmp_path.iterdir()] == ["network.onnx"]


def test_a_missing_folder_is_named(tmp_path, another) -> None:
    with pytest.raises(ApanetError, match=r"No folder .*none: make it first"):
        export_onnx(another, tmp_path / "none" / "network.onnx")
