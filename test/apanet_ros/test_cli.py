"""The command line from outside: what it prints and how it ends."""

import re
import subprocess
import sys

import pytest

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
