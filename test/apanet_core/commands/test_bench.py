from __future__ import annotations

import argparse

import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

from apanet_core.benchmark import case
from apanet_core.benchmark.report import load_report
from apanet_core.commands import bench
from apanet_core.errors import ConfigError
from apanet_core.imaging.files import read_rgb
from apanet_core.network.checkpoint import save_model


def parse(*words: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="apanet bench")
    bench.add_arguments(parser)
    return parser.parse_args(list(map(str, words)))


def test_measures_keeps_draws_and_says_what_could_not_be_measured(
    tmp_path, make_network, small_config, capsys
) -> None:
    weights = tmp_path / "small.safetensors"
    save_model(make_network(small_config), weights)
    words = [weights, tmp_path / "missing.safetensors", "--size", "32x48", "--repeat", "2"]
    kept, plot = tmp_path / "bench.json", tmp_path / "bench.png"

    code = bench.run(parse(*words, "--device", "cpu", "-o", kept, "--plot", plot))

    printed = capsys.readouterr().out
    assert code == 1
    assert f"| {weights} | 48x32 |" in printed
    assert f"not measured: {tmp_path}/missing.safetensors at 48x32: No weights" in printed
    (result,) = load_report(kept).results
    assert (result.case.height, result.case.width, result.case.repeat) == (32, 48, 2)
    assert read_rgb(plot).std() > 1


@pytest.mark.parametrize("name", ["b.txt", "b"])
def test_a_plot_of_a_wrong_name_is_refused_before_anything_is_measured(
    name: str, monkeypatch
) -> None:
    monkeypatch.setattr(case, "measure_alone", lambda _: pytest.fail("measured"))

    with pytest.raises(ConfigError, match=f"^{name} is no name of a plot; it ends in .png, "):
        bench.run(parse("tiny", "--plot", name))


@pytest.mark.parametrize("size", ["376", "376x", "x1248", "0x4", "axb", "376x1248x3"])
def test_a_size_that_is_none_is_refused(size: str) -> None:
    with pytest.raises(ConfigError, match=f"written HxW in pixels, as 376x1248; got '{size}'"):
        bench.parse_size(size)


def test_every_way_is_measured_beside_the_others(
    tmp_path, make_network, small_config, capsys
) -> None:
    weights = tmp_path / "small.safetensors"
    save_model(make_network(small_config), weights)
    words = [weights, "--size", "32x48", "--repeat", "1", "--warm-up", "0", "--device", "cpu"]
    kept = tmp_path / "bench.json"

    code = bench.run(parse(*words, "--precision", "float32", "bfloat16", "--roofline", "-o", kept))

    assert code == 0
    exact, half = load_report(kept).results
    assert (exact.case.precision, half.case.precision) == ("float32", "bfloat16")
    assert exact.fidelity_db is None
    assert 30 < half.fidelity_db < 99
    assert exact.roofline.operations_ms > 0
    assert exact.roofline.bytes_ms > 0
    assert "dB from float32" in capsys.readouterr().out
