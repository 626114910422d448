"""`apanet demo` from end to end: real scene, real bags, real DDS, real node process."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("rclpy")
pytest.importorskip("rosbags")
pytest.importorskip("skimage")
pytest.importorskip("torch")

from apanet_core.imaging.files import read_rgb
from apanet_core.runtime.derainer import StereoDerainer
from apanet_core.weights import shipped_names
from apanet_ros.bags.reader import BagReader
from apanet_ros.bags.stereo_bag import read_images, stereo_topics

PAIRS = 4
DERAINED = "/stereo/derained"


@pytest.fixture(scope="module")
def quick_model(tmp_path_factory):
    """Weights of a network that is no good and takes no time."""
    import torch

    from apanet_core.network.apanet import APANet
    from apanet_core.network.checkpoint import save_model
    from apanet_core.network.config import ApanetConfig

    torch.manual_seed(3)
    config = ApanetConfig(
        width=4, blocks=(1, 1), memory_size=(4, 4), stem_fold=4, parallax=(False, True)
    )
    path = tmp_path_factory.mktemp("model") / "quick.safetensors"
    save_model(APANet(config), path)
    return path


def apanet_demo(*arguments):
    command = [sys.executable, "-m", "apanet_ros.cli", "demo", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=400)


def arguments(folder, model):
    return "--output", folder, "--pairs", PAIRS, "--model", model


@pytest.fixture(scope="module")
def demo(tmp_path_factory, quick_model):
    folder = tmp_path_factory.mktemp("demo") / "out"
    result = apanet_demo(*arguments(folder, quick_model))
    assert result.returncode == 0, result.stderr
    return SimpleNamespace(folder=folder, model=quick_model, printed=result.stdout)


def images(bag, *namespace):
    return {(stamp, view): image for stamp, view, image in read_images(bag, *namespace)}


def test_every_pair_is_derained_with_its_stamp_kept(demo):
    rainy = images(demo.folder / "rainy")
    derained = images(demo.folder / "derained", DERAINED)
    assert len(rainy) == 2 * PAIRS
    assert set(derained) == set(rainy)


def test_the_pixels_are_those_of_the_derainer(demo):
    rainy = images(demo.folder / "rainy")
    derained = images(demo.folder / "derained", DERAINED)
    derainer = StereoDerainer(demo.model, "cpu")
    for stamp in {stamp for stamp, _ in rainy}:
        left, right = derainer.derain(rainy[stamp, "left"], rainy[stamp, "right"])
        for view, expected in (("left", left), ("right", right)):
            difference = np.abs(derained[stamp, view].astype(int) - expected)
            assert difference.max() <= 1, (stamp, view)
            assert (derained[stamp, view] != rainy[stamp, view]).any()


def test_the_derained_bag_has_camera_infos_in_step(demo):
    with BagReader(demo.folder / "derained") as bag:
        counts = {topic.name: topic.message_count for topic in bag.topics}
    assert counts == dict.fromkeys(stereo_topics(DERAINED), PAIRS)


def test_the_table_is_printed_and_written(demo):
    table = (demo.folder / "latency.md").read_text()
    assert f"{PAIRS} of {PAIRS} pairs derained, none lost" in table
    assert table.partition("\n\n")[2].strip() in demo.printed
    measured = json.loads((demo.folder / "latency.json").read_text())
    assert measured["counters"]["derained"] == PAIRS
    assert measured["stages_ms"]["infer"]["p50"] > 0
    assert measured["stages_ms"]["age"]["p99"] >= measured["stages_ms"]["infer"]["p50"]
    assert measured["quality"]["views"] == 2 * PAIRS
    assert 20 < measured["quality"]["rainy_psnr"] < 28
    assert measured["matching"]["pairs"] == PAIRS
    assert 0 < measured["matching"]["clean"]["bad"] < 0.3
    assert re.search(r"\d cores", measured["machine"])


def test_the_picture_is_drawn(demo):
    picture = read_rgb(demo.folder / "demo.png")
    assert picture.shape[0] > 2 * 448
    assert picture.shape[1] > 3 * 608


def test_the_node_had_nothing_to_complain_about(demo):
    log = (demo.folder / "node.log").read_text()
    assert "Traceback" not in log
    assert "[WARN]" not in log
    assert "[ERROR]" not in log


def test_again_into_the_same_folder_gives_the_same_pictures(demo):
    before = images(demo.folder / "rainy"), images(demo.folder / "derained", DERAINED)
    result = apanet_demo(*arguments(demo.folder, demo.model))
    assert result.returncode == 0, result.stderr
    after = images(demo.folder / "rainy"), images(demo.folder / "derained", DERAINED)
    for old, new in zip(before, after, strict=True):
        assert set(old) == set(new)
        for key, image in old.items():
            np.testing.assert_array_equal(new[key], image)


@pytest.mark.skipif("tiny" not in shipped_names(), reason="no weights named tiny are shipped")
def test_the_shipped_network_takes_rain_away(tmp_path):
    result = apanet_demo("--output", tmp_path / "out", "--pairs", 3)
    assert result.returncode == 0, result.stderr
    measured = json.loads((tmp_path / "out" / "latency.json").read_text())
    quality, matching = measured["quality"], measured["matching"]
    assert quality["derained_psnr"] > quality["rainy_psnr"] + 1
    assert matching["clean"]["bad"] < matching["derained"]["bad"] < matching["rainy"]["bad"]
    assert matching["derained"]["end_point_px"] < matching["rainy"]["end_point_px"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_demo_that_is_broken_off_leaves_no_node_and_no_half_bag(
    tmp_path, quick_model, number, code
):
    model = shutil.copy(quick_model, tmp_path / f"only_{number.name}.safetensors")
    folder = tmp_path / "out"
    command = [sys.executable, "-m", "apanet_ros.cli", "demo", "--pairs", "24"]
    with subprocess.Popen(
        [*command, "--output", folder, "--model", model],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 200
        while "Ready" not in log_of(folder) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert nodes_with(model), log_of(folder)
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    assert "Traceback" not in errors
    assert not nodes_with(model)
    assert sorted(path.name for path in folder.iterdir()) == ["node.log", "rainy"]


def log_of(folder) -> str:
    log = folder / "node.log"
    return log.read_text() if log.is_file() else ""


def nodes_with(model) -> list[str]:
    """The process numbers of derain nodes that run this model."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode()
        except OSError:
            continue
        if "apanet_ros.derain_node" in command and str(model) in command:
            found.append(process.name)
    return found


def test_at_a_rate_of_ones_own_every_pair_is_accounted_for(tmp_path, quick_model):
    result = apanet_demo(*arguments(tmp_path / "out", quick_model), "--rate", "1")
    assert result.returncode == 0, result.stderr
    measured = json.loads((tmp_path / "out" / "latency.json").read_text())
    counters = measured["counters"]
    assert counters["paired"] == PAIRS
    assert counters["derained"] + counters["replaced"] == PAIRS
    assert counters["derained"] * 2 == measured["quality"]["views"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["--rate", "0"], "--rate must be positive, got 0; 1 is real time."),
        (["--model", "huge"], "huge"),
        (["--severity", "biblical"], "Unknown severity 'biblical'; valid: drizzle"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(tmp_path, quick_model, wrong, sentence):
    result = apanet_demo(*arguments(tmp_path / "out", quick_model), *wrong)
    assert result.returncode == 2
    assert result.stderr.startswith("apanet: error: ")
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_with_something_else_in_the_way_is_left_alone(tmp_path, quick_model):
    (tmp_path / "out" / "rainy").mkdir(parents=True)
    (tmp_path / "out" / "rainy" / "notes.txt").write_text("mine")
    result = apanet_demo("--output", tmp_path / "out", "--model", quick_model)
    assert result.returncode == 2
    assert "rainy is not a rosbag2 and is not replaced" in result.stderr
    assert (tmp_path / "out" / "rainy" / "notes.txt").read_text() == "mine"
