"""Lets Fast DDS carry whole images through shared memory instead of losing pieces of them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apanet_ros.abandoned_memory import remove_abandoned_segments

SEGMENT_BYTES = 16 * 2**20
"""Room for 20 images of VGA size, or six of 720p, that are under way."""
PROFILE_VARIABLES = ("FASTDDS_DEFAULT_PROFILES_FILE", "FASTRTPS_DEFAULT_PROFILES_FILE")
"""What Fast DDS 3 reads, and what Fast DDS 2 reads; version 3 warns about the latter."""
CHOICES_OF_THE_USER = (*PROFILE_VARIABLES, "FASTDDS_BUILTIN_TRANSPORTS")
FAST_DDS_2_DISTROS = ("humble", "iron", "jazzy")
SHARED_MEMORY = Path("/dev/shm")
PARTICIPANTS = 4

PROFILE = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<dds>
  <profiles xmlns="http://www.eprosima.com">
    <transport_descriptors>
      <transport_descriptor>
        <transport_id>large_shared_memory</transport_id>
        <type>SHM</type>
        <segment_size>{SEGMENT_BYTES}</segment_size>
      </transport_descriptor>
      <transport_descriptor>
        <transport_id>udp</transport_id>
        <type>UDPv4</type>
      </transport_descriptor>
    </transport_descriptors>
    <participant profile_name="large_images" is_default_profile="true">
      <rtps>
        <userTransports>
          <transport_id>large_shared_memory</transport_id>
          <transport_id>udp</transport_id>
        </userTransports>
        <useBuiltinTransports>false</useBuiltinTransports>
      </rtps>
    </participant>
  </profiles>
</dds>
"""


@contextmanager
def room_for_images() -> Iterator[None]:
    """Give contexts and processes that start inside a shared-memory segment larger than an image.

    By default the segment is 512 KiB; a larger image goes out in pieces, and when one finds no
    room the whole image waits for it to be sent again, which takes up to seconds. A profile or
    transport of the user's own stays in force, and so do the defaults where shared memory is short.
    Segments that killed processes left behind are removed first.
    """
    remove_abandoned_segments(SHARED_MEMORY)
    if any(name in os.environ for name in CHOICES_OF_THE_USER) or not _has_room():
        yield
        return
    with tempfile.TemporaryDirectory(prefix="apanet_ros_") as folder:
        profile = Path(folder) / "fastdds.xml"
        profile.write_text(PROFILE)
        variable = profile_variable(os.environ.get("ROS_DISTRO", ""))
        os.environ[variable] = str(profile)
        try:
            yield
        finally:
            del os.environ[variable]


def profile_variable(distro: str) -> str:
    """Return the environment variable that names the profile to Fast DDS in a ROS distribution."""
    return PROFILE_VARIABLES[distro in FAST_DDS_2_DISTROS]


def _has_room() -> bool:
    if not SHARED_MEMORY.is_dir():
        return False
    return shutil.disk_usage(SHARED_MEMORY).free > PARTICIPANTS * SEGMENT_BYTES
