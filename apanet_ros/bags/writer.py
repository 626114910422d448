"""Writes a rosbag2 that `ros2 bag play` of Humble, Jazzy and Kilted accepts."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from rosbags.interfaces import (
    Connection,
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from rosbags.typesys.store import Typestore

from apanet_core.errors import ConfigError
from apanet_core.output_files import refuse_existing, refuse_foreign, written_aside
from apanet_ros.bags.reader import BagTopic
from apanet_ros.errors import BagError

STORAGES = {"mcap": StoragePlugin.MCAP, "sqlite3": StoragePlugin.SQLITE3}

# Version 8 is the newest whose QoS profiles Humble still reads (one string, policies as
# integers); Jazzy and Kilted read every version up to 9.
METADATA_VERSION: Final = 8

BAG_NAMES = ("metadata.yaml", "*.mcap", "*.db3")
"""Patterns of what a rosbag2 holds; a folder that holds more is not replaced."""

UNKNOWN_DIGEST = "RIHS01_" + 64 * "0"

_UNSPECIFIED = QosTime(0, 0)
RELIABLE = Qos(
    history=QosHistory.KEEP_LAST,
    depth=10,
    reliability=QosReliability.RELIABLE,
    durability=QosDurability.VOLATILE,
    deadline=_UNSPECIFIED,
    lifespan=_UNSPECIFIED,
    liveliness=QosLiveliness.AUTOMATIC,
    liveliness_lease_duration=_UNSPECIFIED,
    avoid_ros_namespace_conventions=False,
)


class BagWriter:
    """A rosbag2 folder being written; appears under its name only when it is whole.

    Use it as a context manager. An error inside leaves neither a half-written bag nor a changed
    old one.
    """

    def __init__(self, path: Path, storage: str = "mcap", force: bool = False) -> None:
        """Prepare to write the folder `path`.

        `storage` is "mcap" or "sqlite3". With `force` an existing bag is replaced, and nothing
        but a bag. Raises `ConfigError` for another storage, `ConfigError` or `BagError` when
        `path` exists and may not be replaced.
        """
        if storage not in STORAGES:
            raise ConfigError(f"Unknown bag format {storage!r}; valid: {', '.join(STORAGES)}.")
        check_bag_target(path, force)
        self.path = path
        self.typestore: Typestore = get_typestore(Stores.ROS2_JAZZY)
        self._storage = STORAGES[storage]
        self._force = force
        self._stack = ExitStack()
        self._connections: dict[str, Connection] = {}

    def __enter__(self) -> BagWriter:
        aside = self._stack.enter_context(written_aside(self.path, self._force, BAG_NAMES))
        writer = Writer(aside, version=METADATA_VERSION, storage_plugin=self._storage)
        writer.set_custom_data("written_by", "apanet_ros")
        self._writer = self._stack.enter_context(writer)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def add_topic(self, topic: str, message_type: str, qos: Qos = RELIABLE) -> None:
        """Declare `topic` of `message_type`, as in "sensor_msgs/msg/Image", offered with `qos`."""
        self._connections[topic] = self._writer.add_connection(
            topic, message_type, typestore=self.typestore, offered_qos_profiles=[qos]
        )

    def copy_topic(self, topic: BagTopic, name: str = "") -> None:
        """Declare a topic as another bag holds it, under another `name` if one is given.

        A type that is not known here keeps the definition of that bag, or goes without.
        """
        known = topic.message_type in self.typestore.fielddefs
        described = topic.definition and topic.digest
        self._connections[name or topic.name] = self._writer.add_connection(
            name or topic.name,
            topic.message_type,
            typestore=self.typestore if known and not described else None,
            msgdef=topic.definition if described or not known else None,
            rihs01=(topic.digest or UNKNOWN_DIGEST) if described or not known else None,
            offered_qos_profiles=list(topic.offered_qos),
        )

    def write(self, topic: str, time_ns: int, serialized: bytes | memoryview) -> None:
        """Append one CDR-serialised message of a declared topic at `time_ns` since the epoch."""
        self._writer.write(self._connections[topic], time_ns, serialized)

    def write_message(self, topic: str, time_ns: int, message: Any) -> None:
        """Serialise `message`, an instance of a class of `typestore`, and append it."""
        serialized = self.typestore.serialize_cdr(message, self._connections[topic].msgtype)
        self.write(topic, time_ns, serialized)


def check_bag_target(path: Path, force: bool, names: Iterable[str] = ()) -> None:
    """Raise unless a bag may be written at `path`: nothing is there, or with `force` a bag.

    That bag may hold files of the `names`, and nothing else that is no part of a bag.
    """
    refuse_existing(path, force)
    if path.exists() and not (path / "metadata.yaml").is_file():
        raise BagError(f"{path} is not a rosbag2 and is not replaced; give another output.")
    refuse_foreign(path, [*BAG_NAMES, *names])
