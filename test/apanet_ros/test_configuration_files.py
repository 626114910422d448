"""Every shipped parameter file, loaded into the real node over DDS."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("rclpy")
pytest.importorskip("torch")

from rclpy.parameter import parameter_value_to_python
from rclpy.parameter_client import AsyncParameterClient

from apanet_ros.parameters import NodeOptions

FILES = sorted((Path(__file__).parents[2] / "config").glob("*.yaml"))
OF_EVERY_NODE = ("use_sim_time", "start_type_description_service", "qos_overrides.")


def values_of(file: Path) -> dict[str, Any]:
    (section,) = yaml.safe_load(file.read_text()).values()
    values: dict[str, Any] = section["ros__parameters"]
    return values


def declared_by_node(peer: Any) -> dict[str, Any]:
    client = AsyncParameterClient(peer.node, "/derain_node")
    assert client.wait_for_services(90)
    listed = peer.answer(client.list_parameters, "the names of the parameters").result
    names = [name for name in listed.names if not name.startswith(OF_EVERY_NODE)]
    got = peer.answer(lambda: client.get_parameters(names), "the values of the parameters")
    return dict(zip(names, map(parameter_value_to_python, got.values), strict=True))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_node_has_every_parameter_of_the_file_and_no_other(
    file: Path, start_process: Any, peer: Any, tmp_path: Path
) -> None:
    changed = tmp_path / file.name
    changed.write_text(file.read_text().replace("queue_size: 10", "queue_size: 23"))
    node = start_process(
        "-m", "apanet_ros.derain_node", "--ros-args", "--params-file", str(changed)
    )
    node.wait_for("Ready")
    assert "There is no parameter" not in node.output
    declared = declared_by_node(peer)
    assert declared == values_of(changed)
    assert declared["queue_size"] == 23
    assert node.stop() == 0


def test_the_shipped_file_holds_the_defaults_in_their_order() -> None:
    values = values_of(Path(__file__).parents[2] / "config/derain.yaml")
    defaults = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(NodeOptions()).items()
    }
    assert list(values.items()) == list(defaults.items())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_parameter_is_commented(file: Path) -> None:
    lines = file.read_text().splitlines()
    names = values_of(file)
    for number, line in enumerate(lines):
        if line.strip().split(":")[0] in names:
            above = [earlier.strip() for earlier in lines[:number] if earlier.strip()][-1]
            together = above.split(":")[0] in names and lines[number - 1].strip()
            assert above.startswith("#") or together, f"{line} has no comment"
