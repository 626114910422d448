"""How to start the node on the cameras of a bag: a launch line, remaps and a parameter file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from apanet_core.streaming.pairing import Side
from apanet_ros.bag_check.survey import BagSurvey
from apanet_ros.bags.stereo_topics import COMPRESSED_SUFFIX, camera_info_of
from apanet_ros.topics import input_topics, side_by_side_topics

# Of these the launch file has arguments of its own; the rest goes into a parameter file.
_ARGUMENTS = {"input_transport": "transport"}


def node_namespace(survey: BagSurvey) -> str | None:
    """Return the namespace in which the node's own names are those of the bag; None of none."""
    namespaces = set()
    for name, own in _remaps(survey).items():
        if not name.endswith(f"/{own}"):
            return None
        namespaces.add(name.removesuffix(f"/{own}"))
    return namespaces.pop() if len(namespaces) == 1 else None


def launch_line(survey: BagSurvey, parameters: Mapping[str, Any], params_file: str) -> str:
    """Return the `ros2 launch` line; `params_file` is named where it is needed."""
    words = ["ros2 launch apanet_ros derain.launch.py"]
    words += [
        f"{argument}:={parameters[name]}"
        for name, argument in _ARGUMENTS.items()
        if name in parameters
    ]
    namespace = node_namespace(survey)
    if namespace:
        words.append(f"namespace:={namespace}")
    if namespace is None:
        words += [f"{_argument(own)}:={name}" for name, own in _remaps(survey).items()]
    if set(parameters) - set(_ARGUMENTS):
        words.append(f"params_file:={shlex.quote(params_file)}")
    return _wrapped(words)


def node_line(survey: BagSurvey, params_file: str) -> str:
    """Return the line that starts the node where there is no `ros2`."""
    words = [f"derain_node --ros-args --params-file {shlex.quote(params_file)}"]
    namespace = node_namespace(survey)
    if namespace:
        words.append(f"-r __ns:={namespace}")
    if namespace is None:
        words += [f"-r {own}:={name}" for name, own in _remaps(survey).items()]
    return _wrapped(words)


def derain_line(survey: BagSurvey, parameters: Mapping[str, Any], named: bool) -> str:
    """Return the line that derains the bag offline; empty where only the node can (`rectify`).

    Args:
        survey: of the bag.
        parameters: of the node.
        named: whether the image topics were named, not found.
    """
    if parameters.get("rectify"):
        return ""
    output = "derained"
    if survey.path.resolve() == Path(output).resolve():
        output = "derained_again"  # No output takes the place of its input.
    words = [f"apanet derain {shlex.quote(str(survey.path))} -o {output}"]
    if survey.side_by_side:
        words.append(f"--side-by-side {survey.side_by_side}")
    elif named:
        words.append(f"--topics {' '.join(names['image'] for names in _names(survey).values())}")
    if "slop" in parameters:
        words.append(f"--slop {1000 * parameters['slop']:g}")
    if "right_time_offset_ms" in parameters:
        words.append(f"--right-offset {parameters['right_time_offset_ms']:g}")
    return _wrapped(words)


def parameter_file(parameters: Mapping[str, Any]) -> str:
    """Return a parameter file that changes these and leaves the rest at the defaults."""
    return str(yaml.safe_dump({"/**": {"ros__parameters": dict(parameters)}}, sort_keys=False))


def _remaps(survey: BagSurvey) -> dict[str, str]:
    """Return each topic of the bag that the node takes, and what the node calls it."""
    if survey.side_by_side:
        both = side_by_side_topics(survey.side_by_side.endswith(COMPRESSED_SUFFIX))
        info = camera_info_of(survey.side_by_side)
        return {survey.side_by_side: both.image, info: both.camera_info}
    found: dict[str, str] = {}
    for side, names in _names(survey).items():
        own = input_topics(side, names["image"].endswith(COMPRESSED_SUFFIX))
        found |= {names["image"]: own.image, names["camera_info"]: own.camera_info}
    return found


def _argument(own: str) -> str:
    """Return the launch file's argument for a topic of the node's."""
    name = own.removesuffix(COMPRESSED_SUFFIX).replace("/", "_")
    return name.replace("image_rect", "image")


def _names(survey: BagSurvey) -> dict[Side, dict[str, str]]:
    return {
        side: {"image": camera.topic.name, "camera_info": camera.info_topic}
        for side, camera in survey.cameras.items()
    }


def _wrapped(words: list[str]) -> str:
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) > 92:
            lines[-1] += " \\"
            lines.append("   ")
        lines[-1] += f" {word}"
    return "\n".join(lines)
