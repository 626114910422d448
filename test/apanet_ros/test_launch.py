"""The launch file, run for real by `launch` on the package as it is installed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy")
# launch comes with it; asked for by itself, the folder of that name would answer.
pytest.importorskip("launch_ros")

ROOT = Path(__file__).parents[2]
RUN = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

path, *arguments = sys.argv[1:]
service = LaunchService()
service.include_launch_description(
    LaunchDescription(
        [
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(path),
                launch_arguments=[argument.split(":=") for argument in arguments],
            )
        ]
    )
)
sys.exit(service.run())
"""


@pytest.fixture
def installed(tmp_path: Path, ros_environment: dict[str, str]) -> Path:
    """Lay the package out under a prefix as installers do; return its launch file."""
    prefix = tmp_path / "prefix"
    index = prefix / "share/ament_index/resource_index/packages"
    index.mkdir(parents=True)
    (index / "apanet_ros").touch()
    share, library = prefix / "share/apanet_ros", prefix / "lib/apanet_ros"
    for folder in (share, library, prefix / "bin"):
        folder.mkdir(parents=True)
    for folder in ("launch", "config"):
        (share / folder).symlink_to(ROOT / folder)
    (library / "derain_node").symlink_to(ROOT / "resource/derain_node")
    script = prefix / "bin/derain_node"
    script.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}:$PYTHONPATH" '
        f'exec {sys.executable} -m apanet_ros.derain_node "$@"\n'
    )
    script.chmod(0o755)
    before = os.environ.get("AMENT_PREFIX_PATH")
    ros_environment["AMENT_PREFIX_PATH"] = os.pathsep.join(filter(None, (str(prefix), before)))
    return share / "launch/derain.launch.py"


def test_the_launch_file_starts_the_node_with_its_arguments(
    installed: Path,
    small_model: Path,
    start_process: Any,
    make_derained: Any,
) -> None:
    launch = start_process(
        "-c",
        RUN,
        str(installed),
        "namespace:=/stereo",
        "output_namespace:=clean",
        f"model:={small_model}",
        "device:=cpu",
        "latency_budget_ms:=30000",
        "use_sim_time:=true",
        "log_level:=debug",
    )
    launch.wait_for("Ready: /stereo/left/image_rect and /stereo/right/image_rect come out as ")
    assert "/stereo/clean/left/image_rect" in launch.output
    derained = make_derained("/stereo/clean")
    assert derained.values("pairs")["budget_ms"] == "30000.000"
    assert derained.values("network")["device"] == "cpu"
    assert derained.diagnostics[0].header.stamp.sec == 0, "the clock is the simulated one"
    assert "[DEBUG]" in launch.output
    assert launch.stop() == 0, launch.output
    assert "Traceback" not in launch.output
    assert "process has finished cleanly" in launch.output


def test_only_arguments_that_are_given_win_over_the_parameter_file(
    installed: Path, small_model: Path, tmp_path: Path, start_process: Any, derained: Any
) -> None:
    params = tmp_path / "params.yaml"
    params.write_text(
        "/**:\n  ros__parameters:\n"
        f"    model: {small_model}\n    device: cpu\n    latency_budget_ms: 77.0\n"
    )
    arguments = (f"params_file:={params}", "transport:=compressed")
    launch = start_process("-c", RUN, str(installed), *arguments)
    launch.wait_for("Ready: /left/image_rect/compressed and /right/image_rect/compressed")
    assert derained.values("pairs")["budget_ms"] == "77.000"
    assert launch.stop() == 0, launch.output
