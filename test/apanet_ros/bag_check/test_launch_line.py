"""The lines that are printed, followed: by the real node, and by the launch file's arguments."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest
import yaml

pytest.importorskip("rclpy")
pytest.importorskip("rosbags")

from apanet_core.streaming.pairing import Side
from apanet_ros.bag_check.launch_line import (
    derain_line,
    launch_line,
    node_line,
    parameter_file,
)
from apanet_ros.bag_check.survey import BagSurvey, CameraSurvey
from apanet_ros.bags.reader import BagTopic
from apanet_ros.bags.stereo_topics import camera_info_of
from apanet_ros.cli import build_parser

LAUNCH_FILE = Path(__file__).parents[3] / "launch/derain.launch.py"


def survey(left: str, right: str, bag: str = "bag") -> BagSurvey:
    cameras = {
        side: CameraSurvey(BagTopic(name, "", 1, ()), camera_info_of(name))
        for side, name in zip(Side, (left, right), strict=True)
    }
    return BagSurvey(Path(bag), "mcap", 0, 1.0, cameras)


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        ("/left/image_rect", "/right/image_rect", []),
        ("/s/left/image_rect", "/s/right/image_rect", ["namespace:=/s"]),
        (
            "/s/left/image_rect/compressed",
            "/s/right/image_rect/compressed",
            ["namespace:=/s"],
        ),
        (
            "/cam0/image_raw",
            "/cam1/image_raw",
            [
                "left_image:=/cam0/image_raw",
                "left_camera_info:=/cam0/camera_info",
                "right_image:=/cam1/image_raw",
                "right_camera_info:=/cam1/camera_info",
            ],
        ),
    ],
)
def test_names_are_a_namespace_or_remaps(left, right, words):
    line = launch_line(survey(left, right), {}, "p.yaml").replace("\\\n", " ")

    assert line.split()[:4] == ["ros2", "launch", "apanet_ros", "derain.launch.py"]
    assert line.split()[4:] == words


def test_parameters_go_into_a_file_unless_the_launch_file_has_them():
    found = survey("/left/image_rect", "/right/image_rect")

    assert launch_line(found, {"input_transport": "compressed"}, "p.yaml").endswith(
        "derain.launch.py transport:=compressed"
    )
    assert launch_line(found, {"slop": 0.02}, "p.yaml").endswith(" params_file:=p.yaml")


def test_the_launch_file_declares_every_argument_that_is_printed():
    names = {
        node.value
        for node in ast.walk(ast.parse(LAUNCH_FILE.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    parameters = {"input_transport": "compressed", "slop": 0.02}
    lines = launch_line(survey("/a/x", "/b/x"), parameters, "p.yaml") + launch_line(
        survey("/s/left/image_rect", "/s/right/image_rect"), parameters, "p.yaml"
    )

    assert set(re.findall(r"(\w+):=", lines)) <= names


def test_the_node_follows_the_line_and_the_file(start_process, tmp_path, small_model) -> None:
    left, right = (f"/cam{number}/image_raw/compressed" for number in range(2))
    params = tmp_path / "p.yaml"
    params.write_text(
        parameter_file({"input_transport": "compressed", "slop": 0.02, "model": str(small_model)})
    )
    line = node_line(survey(left, right), str(params)).replace("\\\n", " ")

    node = start_process("-m", "apanet_ros.derain_node", *shlex.split(line)[1:])

    node.wait_for(f"Ready: {left} and {right} come out as")


@pytest.mark.parametrize(
    ("parameters", "named", "rest"),
    [
        ({}, False, ""),
        ({"slop": 0.024}, True, " --topics /a/x /b/x --slop 24"),
        ({"right_time_offset_ms": -20.5}, False, " --right-offset -20.5"),
    ],
)
def test_the_derain_line_is_one_that_apanet_derain_takes(parameters, named, rest):
    line = derain_line(survey("/a/x", "/b/x"), parameters, named).replace("\\\n", " ")

    assert " ".join(line.split()) == f"apanet derain bag -o derained{rest}"
    arguments = build_parser().parse_args(line.split()[1:])
    assert arguments.slop == pytest.approx(1000 * parameters.get("slop", 0.01))
    assert arguments.right_offset == parameters.get("right_time_offset_ms", 0.0)


@pytest.mark.parametrize("bag", ["derained", "./derained", str(Path("derained").resolve())])
def test_the_derain_line_does_not_write_where_it_reads(bag):
    assert derain_line(survey("/a/x", "/b/x", bag), {}, False).endswith(" -o derained_again")


def test_lines_can_be_pasted_whatever_the_paths():
    bag, params = "sp ace/it's $my bag", "sp ace/p q.yaml"
    found = survey("/a/x", "/b/x", bag)

    assert shlex.split(derain_line(found, {}, False))[:4] == ["apanet", "derain", bag, "-o"]
    assert shlex.split(launch_line(found, {"slop": 0.02}, params))[-1] == f"params_file:={params}"
    assert shlex.split(node_line(found, params))[:4] == [
        "derain_node",
        "--ros-args",
        "--params-file",
        params,
    ]


def test_what_must_be_rectified_is_not_derained_offline():
    assert derain_line(survey("/a/x", "/b/x"), {"rectify": True}, False) == ""


def test_the_parameter_file_is_one_of_ros():
    assert yaml.safe_load(parameter_file({"slop": 0.02})) == {
        "/**": {"ros__parameters": {"slop": 0.02}}
    }
