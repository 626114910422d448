from __future__ import annotations

import dataclasses
import json

import pytest

pytest.importorskip("torch")

import torch

from apanet_core.benchmark.case import Case, Result, measure, measure_alone
from apanet_core.errors import ApanetError
from apanet_core.network.checkpoint import save_model
from apanet_core.network.config import ApanetConfig

STAGES = {"pad", "upload", "network", "download", "crop", "whole"}


@pytest.fixture(scope="module")
def weights(tmp_path_factory, make_network) -> str:
    """A network whose attention at its first level outweighs the rest."""
    config = ApanetConfig(width=8, blocks=(1, 1), memory_size=(2, 2), parallax=(True, False))
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_model(make_network(config), path)
    return str(path)


@pytest.fixture(scope="module")
def pair_of_results(weights) -> tuple[Result, Result]:
    """A wide picture, fused and in the released formulation, each measured alone."""
    case = Case(weights, 64, 1024, device="cpu", threads=1, warm_up=0, repeat=3)
    return measure_alone(case), measure_alone(dataclasses.replace(case, released=True))


def test_every_stage_is_timed(pair_of_results) -> None:
    for result in pair_of_results:
        assert set(result.stages) == STAGES
        whole = result.stages["whole"]
        assert 0 < whole.p50 <= whole.p95 <= whole.p99
        assert result.stages["network"].p50 > whole.p50 / 2
        assert result.description.endswith(" on cpu")


def test_stored_scores_take_memory(pair_of_results) -> None:
    fused, released = pair_of_results

    # Scores of 64 rows of 1024 x 1024 float32, and their softmax.
    assert released.working_mib - fused.working_mib > 2 * 64 * 1024 * 1024 * 4 / 2**20
    assert fused.device_mib == 0
    assert released.gmacs > fused.gmacs
    assert released.parameters == fused.parameters


@pytest.mark.parametrize(
    ("model", "height", "width"),
    [
        ("paper", 48, 640),
        ("paper", 96, 1248),
        ("tiny", 376, 1248),
        ("tiny", 720, 1280),
    ],
)
def test_memory_is_known_before_it_is_taken(model: str, height: int, width: int) -> None:
    case = Case(model, height, width, device="cpu", threads=1, warm_up=0, repeat=1)

    result = measure_alone(case)

    # Estimates are to be an upper bound; libraries differ in what they take for themselves.
    assert 0.5 * result.estimated_mib < result.working_mib < 1.15 * result.estimated_mib


def test_json_brings_back_a_result(pair_of_results) -> None:
    for result in pair_of_results:
        assert Result.from_dict(json.loads(json.dumps(result.to_dict()))) == result


def test_warm_up_does_not_count(weights, monkeypatch) -> None:
    moments = iter(range(1000))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(moments) ** 2))

    result = measure(Case(weights, 16, 16, device="cpu", warm_up=3, repeat=1))

    # Every pair reads the clock six times; the fourth begins with the nineteenth reading.
    begin, end = 18**2, 23**2
    assert result.stages["whole"].p50 == pytest.approx(1e3 * (end - begin))
    assert result.stages["pad"].p50 == pytest.approx(1e3 * (19**2 - begin))


def test_the_papers_network_can_be_measured_without_weights() -> None:
    result = measure(Case("paper", 16, 16, device="cpu", warm_up=0, repeat=1))

    assert result.parameters == 8_013_443


def test_what_fails_alone_says_why(tmp_path) -> None:
    missing = str(tmp_path / "missing.safetensors")
    with pytest.raises(ApanetError, match=r"missing\.safetensors at 24x16: No weights '.*missing"):
        measure_alone(Case(missing, 16, 24))


def test_an_onnx_file_has_one_formulation() -> None:
    with pytest.raises(ApanetError, match=r"a\.onnx is fixed: the released formulation needs wei"):
        measure(Case("a.onnx", 16, 16, released=True))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_memory_of_a_gpu_is_its_own(weights) -> None:
    result = measure_alone(Case(weights, 64, 1024, device="cuda", repeat=2))

    assert result.working_mib == result.device_mib > 1
