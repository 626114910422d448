import os
import subprocess
import sys
from pathlib import Path

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


def test_fast_dds_takes_the_profile(ros_environment, tmp_path):
    """Its segment in /dev/shm is as large as the profile says, and it prints no complaint."""
    pytest.importorskip("rclpy")
    if not apanet_ros.large_images._has_room():
        pytest.skip("/dev/shm is too small here")
    script = """
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
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, env=ros_environment, capture_output=True, text=True)
    if "another middleware" in result.stderr:
        pytest.skip("Fast DDS is not the middleware here")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert int(result.stdout) >= SEGMENT_BYTES
