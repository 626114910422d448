from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("pydantic")

import torch

from apanet_core.errors import BackendError, ConfigError
from apanet_core.imaging.files import write_rgb
from apanet_core.training.processes import Processes, device_of_process, started_by_torchrun

RECIPE = """
name: shared
network: {width: 8, blocks: [1, 1], memory_size: [2, 2], stem_fold: 4, parallax: [false, true]}
train:
  - {kind: clean_stereo, folder: train}
  - {kind: clean_stereo, folder: train, largest_crop: [24, 32]}
validate: {folder: validate, scenes: 1, every: 2}
stages: [{crop: [32, 48], batch_size: 4, steps: 4}]
optimizer: {learning_rate: 1.0e-3}
workers: 0
checkpoint_every: 2
"""


@pytest.fixture(scope="module")
def experiment(tmp_path_factory, make_scenes) -> Path:
    """A folder with a recipe and its pictures."""
    folder = tmp_path_factory.mktemp("experiment")
    for number, scene in enumerate(make_scenes(3, 48, 64)):
        place = folder / ("validate" if number == 2 else "train")
        for view in ("left", "right"):
            (place / view).mkdir(parents=True, exist_ok=True)
            write_rgb(place / view / f"{number}.png", getattr(scene, view))
    (folder / "shared.yaml").write_text(RECIPE)
    return folder


def train(folder: Path, run: str, *launcher: str) -> subprocess.CompletedProcess[str]:
    command = [
        *(sys.executable, "-m", *launcher, "apanet_ros.cli", "train", "shared.yaml"),
        *("--data", ".", "-o", run, "--device", "cpu"),
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def two_processes(folder: Path, run: str) -> subprocess.CompletedProcess[str]:
    torchrun = ("torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m")
    return train(folder, run, *torchrun)


def test_two_processes_train_as_one_does(experiment) -> None:
    alone = train(experiment, "alone")
    assert alone.returncode == 0, alone.stderr
    shared = two_processes(experiment, "shared")
    assert shared.returncode == 0, shared.stderr

    states = [torch.load(experiment / run / "state.pt") for run in ("alone", "shared")]
    for name, tensor in states[0]["learned"].items():
        torch.testing.assert_close(states[1]["learned"][name], tensor, rtol=0, atol=2e-5)
    assert shared.stdout.count("Best validation") == 1
    assert "processes: 2" in (experiment / "shared" / "environment.yaml").read_text()
    logs = [(experiment / run / "log.csv").read_text() for run in ("alone", "shared")]
    assert [log.count("\n") for log in logs] == [3, 3]

    # A finished run stays as it is, whoever looks at it.
    again = two_processes(experiment, "alone")
    assert again.returncode == 0, again.stderr
    assert (experiment / "alone" / "log.csv").read_text() == logs[0]


def test_a_batch_is_divided_evenly() -> None:
    assert Processes(rank=1, count=2).share_of(6) == 3
    with pytest.raises(
        ConfigError,
        match=re.escape("A batch of 6 cannot be divided among 4 processes: choose a multiple"),
    ):
        Processes(rank=1, count=4).share_of(6)


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_each_process_takes_a_gpu_of_its_own(monkeypatch, device) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)

    assert [device_of_process(device, number) for number in (0, 1)] == ["cuda:0", "cuda:1"]
    assert device_of_process("cpu", 1) == "cpu"
    with pytest.raises(BackendError, match="No device 'cuda:2' here; valid: auto, cpu, cuda:0"):
        device_of_process(device, 2)


def test_without_a_gpu_every_process_takes_the_cpu(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert device_of_process("auto", 3) == "cpu"


def test_alone_nothing_is_asked_of_others() -> None:
    module = torch.nn.Linear(1, 1)

    with started_by_torchrun("cpu") as (processes, device):
        assert (processes, device) == (Processes(), "cpu")
        assert processes.leads
        assert processes.wrapped(module) is module
        assert processes.mean(torch.tensor([3.0])).tolist() == [3.0]
        assert processes.from_leader(lambda: "mine") == "mine"
