import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import apanet_ros.large_images
from apanet_ros.large_images import (
    CHOICES_OF_THE_USER,
    PROFILE_VARIABLES,
    SEGMENT_BYTES,
    profile_variable,
    room_for_images,
)


@pytest.fixture(autouse=True)
def no_profile(monkeypatch):
    for name in CHOICES_OF_THE_USER:
        monkeypatch.delenv(name, raising=False)


def test_the_profile_is_there_inside_and_gone_outside():
    with room_for_images():
        (profile,) = (os.environ[name] for name in PROFILE_VARIABLES if name in os.environ)
        assert str(SEGMENT_BYTES) in Path(profile).read_text()
    assert not any(name in os.environ for name in PROFILE_VARIABLES)
    assert not Path(profile).exists()


@pytest.mark.parametrize(
    ("distro", "variable"),
    [
        ("humble", "FASTRTPS_DEFAULT_PROFILES_FILE"),
        ("jazzy", "FASTRTPS_DEFAULT_PROFILES_FILE"),
        ("kilted", "FASTDDS_DEFAULT_PROFILES_FILE"),
        ("", "FASTDDS_DEFAULT_PROFILES_FILE"),
    ],
)
def test_each_fast_dds_is_told_by_the_name_it_reads(distro, variable):
    assert profile_variable(distro) == variable


@pytest.mark.parametrize("name", PROFILE_VARIABLES)
def test_a_profile_of_the_users_own_stays(monkeypatch, name):
    monkeypatch.setenv(name, "/my/profile.xml")
    with room_for_images():
        assert {os.environ.get(one) for one in PROFILE_VARIABLES} == {"/my/profile.xml", None}


def test_a_transport_of_the_users_own_stays(monkeypatch):
    monkeypatch.setenv("FASTDDS_BUILTIN_TRANSPORTS", "LARGE_DATA")
    with room_for_images():
        assert not any(name in os.environ for name in PROFILE_VARIABLES)


def test_without_shared_memory_the_defaults_stay(monkeypatch, tmp_path):
    monkeypatch.setattr(apanet_ros.large_images, "SHARED_MEMORY", tmp_path / "none")
    with room_for_images():
        assert not any(name in os.environ for name in PROFILE_VARIABLES)


def test_short_shared_memory_leaves_the_defaults(monkeypatch):
    monkeypatch.setattr(apanet_ros.large_images, "SEGMENT_BYTES", 2**60)
    with room_for_images():
        assert not any(name in os.environ for name in PROFILE_VARIABLES)


SHIPPED = Path(__file__).parents[2] / "config/fastdds.xml"
LARGEST_SEGMENT = """
from pathlib import Path
import rclpy
from apanet_ros.large_images import room_for_images
before = set(Path("/dev/shm").iterdir())
with room_for_images():
    rclpy.init()
    if "fastrtps" not in rclpy.get_rmw_implementation_identifier():
        raise SystemExit("another middleware")
    node = rclpy.create_node("sizes")
    new = set(Path("/dev/shm").iterdir()) - before
    print(max(path.stat().st_size for path in new))
"""


def test_fast_dds_takes_the_profile(ros_environment):
    """Its segment in /dev/shm is as large as the profile says, and it prints no complaint."""
    assert largest_segment(ros_environment) >= SEGMENT_BYTES


def test_fast_dds_takes_the_shipped_profile(ros_environment):
    """The node leaves a user's choice alone, so what is measured is that of the file."""
    variable = profile_variable(os.environ.get("ROS_DISTRO", ""))
    size = int(ElementTree.parse(SHIPPED).find(".//{*}segment_size").text)
    assert size > SEGMENT_BYTES
    assert largest_segment(ros_environment | {variable: str(SHIPPED)}) >= size


def largest_segment(environment):
    """Bytes of the largest piece of shared memory that a new ROS node takes."""
    pytest.importorskip("rclpy")
    if not apanet_ros.large_images._has_room():
        pytest.skip("/dev/shm is too small here")
    command = [sys.executable, "-c", LARGEST_SEGMENT]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    if "another middleware" in result.stderr:
        pytest.skip("Fast DDS is not the middleware here")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return int(result.stdout)
