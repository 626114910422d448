"""Reads a rosbag2, sqlite3 or MCAP, without a ROS 2 installation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from rosbags.interfaces import Connection, ConnectionExtRosbag2, Qos
from rosbags.rosbag2 import ReaderError

from apanet_ros.bags.message_types import typestore
from apanet_ros.bags.storage_files import open_storage_files, storage_paths, unpacked
from apanet_ros.errors import BagError


@dataclass(frozen=True)
class BagTopic:
    """A topic of a bag: name, type as in "sensor_msgs/msg/Image", count, recorded offers.

    `definition` is the text of the type, `digest` its RIHS01 hash; empty where the bag lacks them.
    """

    name: str
    message_type: str
    message_count: int
    offered_qos: tuple[Qos, ...]
    definition: str = ""
    digest: str = ""


@dataclass(frozen=True)
class BagMessage:
    """One message as recorded: `time_ns` is the bag's time, `serialized` is CDR."""

    topic: str
    message_type: str
    time_ns: int
    serialized: bytes


class BagReader:
    """A rosbag2 folder, or a single .mcap or .db3 file, opened for reading."""

    views: tuple[str, str] | None = None
    """Names of the two image topics, where the reader knows them."""

    def __init__(self, path: Path) -> None:
        """Name the bag; it is opened on entering the context, which raises `BagError`."""
        self.path = path

    def __enter__(self) -> BagReader:
        with ExitStack() as stack:
            with self._errors_name_the_bag():
                self._files = open_storage_files(self.path, stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def topics(self) -> tuple[BagTopic, ...]:
        """The topics in the bag, sorted by name."""
        found: dict[str, list[Connection]] = {}
        for file in self._files:
            for connection in file.connections:
                found.setdefault(connection.topic, []).append(connection)
        return tuple(_topic(found[name]) for name in sorted(found))

    @property
    def storage(self) -> str:
        """How the bag is stored: "mcap" or "sqlite3"."""
        files = storage_paths(self.path)
        return "mcap" if any(".mcap" in file.suffixes for file in files) else "sqlite3"

    @property
    def start_ns(self) -> int:
        """Time of the first message, nanoseconds since the epoch."""
        return min(file.start_time for file in self._files)

    @property
    def duration_ns(self) -> int:
        """Nanoseconds from the first message to the last."""
        ends = [file.end_time for file in self._files if file.message_count]
        return max(0, max(ends) - 1 - self.start_ns) if ends else 0

    def messages(
        self, topics: Collection[str], start_ns: int | None = None, stop_ns: int | None = None
    ) -> Iterator[BagMessage]:
        """Yield the messages of `topics` in the order of their times; raises `BagError`.

        With `start_ns` and `stop_ns` only those from one time on and before the other; the files
        are not read through for them.
        """
        for file in self._files:
            wanted = [one for one in file.connections if one.topic in topics]
            if not wanted:
                continue
            with self._errors_name_the_bag():
                for connection, time_ns, data in file.messages(wanted, start_ns, stop_ns):
                    yield BagMessage(connection.topic, connection.msgtype, time_ns, unpacked(data))

    def deserialize(self, message: BagMessage) -> Any:
        """Return `message` as an object with the fields of its type; no rclpy is needed."""
        return typestore().deserialize_cdr(message.serialized, message.message_type)

    @contextmanager
    def _errors_name_the_bag(self) -> Iterator[None]:
        try:
            yield
        except BagError:
            raise
        except FileNotFoundError:
            raise BagError(
                f"{self.path} is not a rosbag2: name its folder (the one with metadata.yaml), "
                "or a single .mcap or .db3 file."
            ) from None
        except ReaderError as error:
            raise BagError(self._damaged(str(error))) from error
        except Exception as error:
            # A damaged file makes the libraries below raise nearly anything.
            raise BagError(self._damaged(f"{type(error).__name__} {error}")) from error

    def _damaged(self, reason: str) -> str:
        return (
            f"{self.path} cannot be read ({reason.strip().rstrip('.')}): it is cut off, damaged or "
            f"of another kind; copy it anew, or save what is whole of it{self._how_to_recover()}."
        )

    def _how_to_recover(self) -> str:
        files = sorted(self.path.iterdir()) if self.path.is_dir() else [self.path]
        for file in files:
            if file.suffix == ".mcap":
                return f" with `mcap recover {file} -o recovered.mcap`"
            if file.suffix == ".db3":
                return f" with `sqlite3 {file} .recover | sqlite3 recovered.db3`"
        return ""


def _topic(connections: Sequence[Connection]) -> BagTopic:
    """Return the topic of all channels and files that hold some of it."""
    first = max(connections, key=lambda each: each.msgcount)
    return BagTopic(
        first.topic,
        first.msgtype,
        sum(each.msgcount for each in connections),
        tuple(cast("ConnectionExtRosbag2", first.ext).offered_qos_profiles),
        first.msgdef.data,
        first.digest,
    )
