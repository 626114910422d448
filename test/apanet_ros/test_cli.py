"""The command line from outside: what it prints and how it ends."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from apanet_core.errors import ConfigError
from apanet_core.imaging.files import write_rgb
from apanet_ros import cli

# Stands in for machines that lack a package: importing it fails as if it were not installed.
WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {packages!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
from apanet_ros.cli import main
sys.exit(main({arguments!r}))
"""


def apanet_without(packages: set[str], *arguments: str):
    script = WITHOUT.format(packages=packages, arguments=list(arguments))
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)


COMMANDS = (
    "check-bag",
    "demo",
    "derain",
    "load-test",
    "plot-latency",
    "rain",
    "replay",
    "view",
    "train",
    "evaluate",
    "downstream",
    "export",
    "weights",
    "rain-statistics",
)
HEAVY = {"torch", "rclpy", "rosbags", "skimage", "matplotlib", "onnx", "onnxruntime"}


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_needs_only_the_base_install(command):
    result = apanet_without(HEAVY, *command, "--help")
    assert result.returncode == 0, result.stderr
    assert "example" in result.stdout
    assert f"apanet {' '.join(command)}".strip() in result.stdout


def test_help_names_every_command_with_its_purpose():
    result = apanet_without(HEAVY, "--help")
    for line in COMMANDS:
        assert re.search(rf"\n    {line}\s", result.stdout)


def test_version_is_one_line():
    result = apanet_without(HEAVY, "--version")
    assert result.returncode == 0
    assert result.stdout.startswith("apanet ")
    assert result.stdout.count("\n") == 1


def test_a_missing_package_is_told_with_the_extra_that_brings_it(tmp_path):
    result = apanet_without({"rosbags"}, "replay", str(tmp_path))
    assert result.returncode == 2
    assert result.stderr == (
        "apanet: error: This command needs the Python package rosbags, which is not installed; "
        "pip install 'apanet_ros[tools]'.\n"
    )


def test_missing_ros_names_both_ways_to_get_it(tmp_path):
    result = apanet_without({"rclpy"}, "replay", str(tmp_path))
    assert result.returncode == 2
    assert "source a ROS 2 installation, or pip install 'apanet_ros[ros]'" in result.stderr


def test_an_unknown_command_lists_the_known_ones(capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main(["dereign"])
    assert exit_.value.code == 2
    listed = capsys.readouterr().err
    assert "'derain', 'load-test', 'plot-latency', 'rain', 'replay', 'view'" in listed


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("bench --repeat 0", "a whole number from 1 up"),
        ("bench --threads -1", "a whole number from 0 up"),
        ("bench --warm-up -1", "a whole number from 0 up"),
        ("demo --pairs 0", "a whole number from 1 up"),
        ("demo --seed -1", "a whole number from 0 up"),
        ("derain --processes 0", "a whole number from 1 up"),
        ("downstream --pairs 0", "a whole number from 1 up"),
        ("downstream --seed -1", "a whole number from 0 up"),
        ("evaluate --every 0", "a whole number from 1 up"),
        ("evaluate --limit 0", "a whole number from 1 up"),
        ("evaluate --seed -1", "a whole number from 0 up"),
        ("rain --pan 0", "a whole number from 1 up"),
        ("rain --seed -1", "a whole number from 0 up"),
        ("rain-statistics --every 0", "a whole number from 1 up"),
        ("rain-statistics --seed -1", "a whole number from 0 up"),
        ("rain-statistics --width 0", "a whole number from 1 up"),
        ("view --count -1", "a whole number from 0 up"),
        ("view --quality 0", "a whole number from 1 to 100"),
        ("view --quality 101", "a whole number from 1 to 100"),
        ("view --width 15", "a whole number from 16 up"),
        ("derain --right-offset nan", "a number from -10000 to 10000"),
        ("derain --right-offset 10001", "a number from -10000 to 10000"),
        ("derain --slop -1", "a number from 0 to 1000"),
        ("derain --slop inf", "a number from 0 to 1000"),
        ("derain --slop 1001", "a number from 0 to 1000"),
        ("rain --baseline-m -1", "a number from 0.001 to 5"),
        ("rain --baseline-m 1e9", "a number from 0.001 to 5"),
        ("rain --focal-px 0", "a number from 10 to 10000"),
        ("rain --focal-px inf", "a number from 10 to 10000"),
        ("rain --rate 0", "a number from 0.01 to 1000"),
        ("rain --rate 1e-12", "a number from 0.01 to 1000"),
        ("rain --rate inf", "a number from 0.01 to 1000"),
    ],
)
def test_a_number_out_of_range_is_refused_before_anything_is_read(capsys, words, wanted):
    command, option, value = words.split()
    with pytest.raises(SystemExit) as exit_:
        cli.main([command, option, value])
    assert exit_.value.code == 2
    assert capsys.readouterr().err.endswith(
        f"apanet {command}: error: argument {option}: takes {wanted}, got {value}\n"
    )


def test_the_limits_of_stamps_are_those_of_the_node():
    pytest.importorskip("rclpy")
    from apanet_ros.parameters import NodeOptions

    for slop_ms, offset_ms in ((0, -10_000), (1000, 10_000)):
        words = "derain", "bag", "-o", "out", f"--slop={slop_ms}", f"--right-offset={offset_ms}"
        taken = cli.build_parser().parse_args(words)
        NodeOptions(slop=taken.slop / 1000, right_time_offset_ms=taken.right_offset)
    for beyond in ({"slop": 1.001}, {"right_time_offset_ms": 10_001.0}):
        with pytest.raises(ConfigError):
            NodeOptions(**beyond)


def test_no_command_is_an_error(capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main([])
    assert exit_.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_ctrl_c_exits_130_without_a_traceback(monkeypatch, capsys):
    from apanet_ros.commands import rain

    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(rain, "run", interrupted)
    assert cli.main(["rain", "left.png", "right.png", "-o", "out"]) == 130
    assert capsys.readouterr().err == ""


def test_a_bug_keeps_its_traceback(monkeypatch):
    from apanet_ros.commands import rain

    def broken(arguments):
        raise ModuleNotFoundError("No module named 'typo'", name="typo")

    monkeypatch.setattr(rain, "run", broken)
    with pytest.raises(ModuleNotFoundError, match="typo"):
        cli.main(["rain", "left.png", "right.png", "-o", "out"])


@pytest.fixture
def pair(tmp_path) -> list[str]:
    """Two small pictures in files."""
    view = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    for name in ("left.png", "right.png"):
        write_rgb(tmp_path / name, view)
    return [str(tmp_path / "left.png"), str(tmp_path / "right.png")]


def complaint(capsys, *arguments: str | Path) -> str:
    assert cli.main(list(map(str, arguments))) == 2
    return str(capsys.readouterr().err)


def test_what_the_system_refuses_is_named_without_a_traceback(tmp_path, pair):
    name = tmp_path / ("x" * 300)
    command = [sys.executable, "-m", "apanet_ros.cli", "rain", *pair, "-o", str(name)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 2
    # Of a pair the left picture is written first.
    assert result.stderr == (
        f"apanet: error: Cannot use {name}/left.png: file name too long; choose a shorter name.\n"
    )


def test_pictures_of_an_evaluation_below_a_file_are_refused(tmp_path, pair, capsys):
    pytest.importorskip("torch")
    (tmp_path / "rainy").mkdir()
    Path(pair[0]).rename(tmp_path / "rainy" / "0.png")
    model = Path(__file__).parent.parent / "data" / "small.onnx"
    words = "evaluate", model, tmp_path / "rainy", "--device", "cpu", "--pictures"
    assert complaint(capsys, *words, pair[1]) == (
        f"apanet: error: Cannot use {pair[1]}: file exists; choose another name.\n"
    )


def test_a_full_disk_is_told_with_what_helps(tmp_path, pair, capsys):
    (tmp_path / "out").mkdir()
    # Where the picture is written before it is renamed.
    (tmp_path / "out" / "left.png.part").symlink_to("/dev/full")
    assert complaint(capsys, "rain", *pair, "-o", tmp_path / "out") == (
        "apanet: error: No space left on device; make room, or choose another disk.\n"
    )


def test_a_file_that_cannot_be_replaced_is_named_rather_than_the_one_aside(tmp_path, pair, capsys):
    (tmp_path / "out" / "left.png").mkdir(parents=True)
    assert complaint(capsys, "rain", *pair, "-o", tmp_path / "out", "--force") == (
        f"apanet: error: Cannot use {tmp_path}/out/left.png: is a directory; choose another name.\n"
    )


@pytest.mark.parametrize("words", ["the file ends too early", ""])
def test_an_error_of_a_library_is_told_in_its_words_if_it_has_any(monkeypatch, capsys, words):
    from apanet_ros.commands import rain

    def broken(arguments):
        raise OSError(*([words] if words else []))

    monkeypatch.setattr(rain, "run", broken)
    arguments = "rain", "left.png", "right.png", "-o", "out"
    if words:
        assert complaint(capsys, *arguments) == "apanet: error: the file ends too early\n"
    else:
        with pytest.raises(OSError, match=r"^$"):
            cli.main(list(arguments))


def test_sigterm_unwinds_so_that_nothing_half_written_stays(tmp_path):
    script = f"""
import os, signal, sys
from pathlib import Path
from apanet_ros import cli
from apanet_ros.commands import rain
from apanet_core.output_files import written_aside

def run(arguments):
    with written_aside(Path({str(tmp_path)!r}) / "out") as aside:
        aside.write_text("half")
        os.kill(os.getpid(), signal.SIGTERM)

rain.run = run
sys.exit(cli.main(["rain", "left.png", "right.png", "-o", "out"]))
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.returncode == 143, result.stderr
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_seen_enough_is_no_error():
    command = [sys.executable, "-m", "apanet_ros.cli", "weights", "show", "tiny"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        complaint = process.stderr.read()
    assert process.returncode == 141
    assert complaint == b""
