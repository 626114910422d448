"""Writer and reader against each other and against what rosbag2 asks of the files."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
import yaml

pytest.importorskip("rosbags")

from rosbags.interfaces import QosReliability

from apanet_core.errors import ConfigError
from apanet_ros.bags.reader import BagMessage, BagReader
from apanet_ros.bags.writer import METADATA_VERSION, RELIABLE, BagWriter
from apanet_ros.errors import BagError

START = 1_700_000_000_000_000_000
STORAGES = ("mcap", "sqlite3")


def write_bag(path: Path, storage: str = "mcap", force: bool = False, text: str = "message"):
    """Write five strings on /words and one on /last, and return what was written."""
    written = []
    with BagWriter(path, storage, force) as bag:
        string = bag.typestore.types["std_msgs/msg/String"]
        bag.add_topic("/words", "std_msgs/msg/String")
        best_effort = RELIABLE._replace(reliability=QosReliability.BEST_EFFORT)
        bag.add_topic("/last", "std_msgs/msg/String", best_effort)
        for number in range(6):
            topic = "/last" if number == 5 else "/words"
            serialized = bytes(
                bag.typestore.serialize_cdr(string(f"{text} {number}"), "std_msgs/msg/String")
            )
            bag.write(topic, START + number * 10, serialized)
            written.append(
                BagMessage(topic, "std_msgs/msg/String", START + number * 10, serialized)
            )
    return written


@pytest.mark.parametrize("storage", STORAGES)
def test_what_is_written_is_read(tmp_path, storage):
    written = write_bag(tmp_path / "bag", storage)
    with BagReader(tmp_path / "bag") as bag:
        assert list(bag.messages({"/words", "/last"})) == written
        assert [topic.name for topic in bag.topics] == ["/last", "/words"]
        assert [topic.message_count for topic in bag.topics] == [1, 5]
        assert bag.start_ns == START
        assert bag.duration_ns == 50
        assert bag.topics[0].offered_qos[0].reliability == QosReliability.BEST_EFFORT
        assert bag.deserialize(written[2]).data == "message 2"


@pytest.mark.parametrize("storage", STORAGES)
def test_only_the_topics_asked_for_are_read(tmp_path, storage):
    written = write_bag(tmp_path / "bag", storage)
    with BagReader(tmp_path / "bag") as bag:
        assert list(bag.messages(["/last"])) == written[-1:]
        assert list(bag.messages([])) == []


@pytest.mark.parametrize(("storage", "suffix"), [("mcap", "mcap"), ("sqlite3", "db3")])
def test_a_single_storage_file_is_a_bag_too(tmp_path, storage, suffix):
    written = write_bag(tmp_path / "bag", storage)
    with BagReader(tmp_path / "bag" / f"bag.{suffix}") as bag:
        assert list(bag.messages(["/words"])) == written[:-1]


@pytest.mark.parametrize("storage", STORAGES)
def test_metadata_is_what_humble_to_kilted_read(tmp_path, storage):
    """Humble's rosbag2_storage reads offered_qos_profiles as one string of integer policies."""
    write_bag(tmp_path / "bag", storage)
    text = (tmp_path / "bag" / "metadata.yaml").read_text()
    metadata = yaml.safe_load(text)["rosbag2_bagfile_information"]
    assert metadata["version"] == METADATA_VERSION == 8
    assert metadata["storage_identifier"] == storage
    (name,) = metadata["relative_file_paths"]
    assert (tmp_path / "bag" / name).is_file()
    assert isinstance(metadata["custom_data"], dict)
    assert metadata["message_count"] == 6
    topic = metadata["topics_with_message_count"][0]["topic_metadata"]
    assert topic["type_description_hash"].startswith("RIHS01_")
    assert topic["serialization_format"] == "cdr"
    assert isinstance(topic["offered_qos_profiles"], str)
    (qos,) = yaml.safe_load(topic["offered_qos_profiles"])
    assert (qos["history"], qos["reliability"], qos["durability"]) == (1, 1, 2)


def test_sqlite_holds_the_tables_rosbag2_reads(tmp_path):
    write_bag(tmp_path / "bag", "sqlite3")
    with sqlite3.connect(tmp_path / "bag" / "bag.db3") as database:
        rows = database.execute("SELECT name, type, serialization_format FROM topics").fetchall()
        assert ("/words", "std_msgs/msg/String", "cdr") in rows
        assert database.execute("SELECT count(*) FROM messages").fetchone() == (6,)


def break_off(path: Path, force: bool = False):
    with BagWriter(path, force=force) as bag:
        bag.add_topic("/words", "std_msgs/msg/String")
        raise RuntimeError("in the middle")


def test_an_error_while_writing_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError, match="in the middle"):
        break_off(tmp_path / "bag")
    assert list(tmp_path.iterdir()) == []


def test_an_error_while_replacing_keeps_the_old_bag(tmp_path):
    written = write_bag(tmp_path / "bag")
    with pytest.raises(RuntimeError, match="in the middle"):
        break_off(tmp_path / "bag", force=True)
    with BagReader(tmp_path / "bag") as bag:
        assert list(bag.messages(["/words"])) == written[:-1]
    assert [path.name for path in tmp_path.iterdir()] == ["bag"]


def test_an_existing_bag_is_replaced_only_by_force(tmp_path):
    write_bag(tmp_path / "bag")
    with pytest.raises(ConfigError, match="bag exists; give another output, or --force"):
        write_bag(tmp_path / "bag")
    rewritten = write_bag(tmp_path / "bag", force=True, text="again")
    with BagReader(tmp_path / "bag") as bag:
        assert list(bag.messages(["/words"])) == rewritten[:-1]


def test_force_does_not_replace_what_is_no_bag(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("years of work")
    with pytest.raises(BagError, match="thesis is not a rosbag2 and is not replaced"):
        write_bag(tmp_path / "thesis", force=True)
    assert (tmp_path / "thesis" / "chapter1.txt").read_text() == "years of work"


def test_an_unknown_format_lists_the_valid_ones(tmp_path):
    with pytest.raises(ConfigError, match="Unknown bag format 'bag1'; valid: mcap, sqlite3"):
        BagWriter(tmp_path / "bag", "bag1")


def test_a_missing_bag_is_named(tmp_path):
    with pytest.raises(BagError, match="nowhere is not a rosbag2: name its folder"):
        BagReader(tmp_path / "nowhere").__enter__()


def test_a_folder_without_metadata_is_named(tmp_path):
    with pytest.raises(BagError, match="is not a rosbag2: name its folder"):
        BagReader(tmp_path).__enter__()


def test_a_file_of_another_kind_is_named(tmp_path):
    (tmp_path / "bag.txt").write_text("no bag")
    with pytest.raises(BagError, match=r"bag\.txt cannot be read \(Unrecognized storage format"):
        BagReader(tmp_path / "bag.txt").__enter__()


@pytest.mark.parametrize(("storage", "suffix"), [("mcap", "mcap"), ("sqlite3", "db3")])
@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9])
def test_a_truncated_bag_is_named_and_never_crashes(tmp_path, storage, suffix, kept):
    write_bag(tmp_path / "bag", storage, text="x" * 3000)
    file = tmp_path / "bag" / f"bag.{suffix}"
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(BagError, match="bag cannot be read"), BagReader(tmp_path / "bag") as bag:
        list(bag.messages(["/words", "/last"]))


@pytest.mark.parametrize(("storage", "suffix"), [("mcap", "mcap"), ("sqlite3", "db3")])
def test_noise_in_place_of_a_bag_is_named(tmp_path, storage, suffix):
    write_bag(tmp_path / "bag", storage)
    noise = np.random.default_rng(0).bytes(5000)
    (tmp_path / "bag" / f"bag.{suffix}").write_bytes(noise)
    with pytest.raises(BagError, match="bag cannot be read"), BagReader(tmp_path / "bag") as bag:
        list(bag.messages(["/words"]))


@pytest.mark.parametrize("storage", STORAGES)
def test_damage_anywhere_is_told_as_such(tmp_path, storage):
    write_bag(tmp_path / "bag", storage)
    files = sorted((tmp_path / "bag").iterdir())
    random = np.random.default_rng(4)
    told = []
    for _ in range(60):
        file = files[random.integers(len(files))]
        whole = file.read_bytes()
        damaged = bytearray(whole)
        for place in random.integers(len(whole), size=10):
            damaged[place] = random.integers(256)
        file.write_bytes(damaged)
        try:
            with BagReader(tmp_path / "bag") as bag:
                list(bag.messages(["/words", "/last"]))
        except BagError as error:
            told.append(str(error))
        file.write_bytes(whole)
    assert len(told) > 8
    assert all("bag cannot be read" in sentence for sentence in told)


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("metadata", ["", "just text", "rosbag2_bagfile_information: 3", "a: [1"])
def test_without_usable_metadata_the_storage_file_is_read(tmp_path, caplog, storage, metadata):
    written = write_bag(tmp_path / "bag", storage)
    (tmp_path / "bag" / "metadata.yaml").write_text(metadata)

    with BagReader(tmp_path / "bag") as bag:
        assert list(bag.messages({"/words", "/last"})) == written

    (said,) = [record.message for record in caplog.records]
    assert "metadata.yaml cannot be used" in said


TOPIC = "rosbag2_bagfile_information.topics_with_message_count.0"


def edited(folder: Path, place: str, value: object) -> None:
    """Set one value of a metadata.yaml."""
    file = folder / "metadata.yaml"
    content = yaml.safe_load(file.read_text())
    inner = content
    *way, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    for part in way:
        inner = inner[part]
    inner[last] = value
    file.write_text(yaml.safe_dump(content))


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize(
    ("place", "value"),
    [
        (f"{TOPIC}.topic_metadata.name", None),
        (f"{TOPIC}.topic_metadata.name", ["/words"]),
        (f"{TOPIC}.topic_metadata.type", 3),
        (f"{TOPIC}.topic_metadata.type", "std_msgs/msg/Int8"),
        (f"{TOPIC}.message_count", None),
        (f"{TOPIC}.message_count", 17),
        (f"{TOPIC}.topic_metadata.offered_qos_profiles", "- history: 1"),
        ("rosbag2_bagfile_information.storage_identifier", ""),
        ("rosbag2_bagfile_information.version", 99),
    ],
)
def test_metadata_is_a_hint_and_the_storage_file_the_truth(tmp_path, caplog, storage, place, value):
    written = write_bag(tmp_path / "bag", storage)
    edited(tmp_path / "bag", place, value)

    with BagReader(tmp_path / "bag") as bag:
        assert list(bag.messages({"/words", "/last"})) == written
        found = [(topic.name, topic.message_count) for topic in bag.topics]
        assert found == [("/last", 1), ("/words", 5)]
        assert bag.topics[1].message_type == "std_msgs/msg/String"

    (said,) = [record.message for record in caplog.records]
    assert "bag/metadata.yaml" in said


@pytest.mark.parametrize("storage", STORAGES)
def test_an_edited_quality_of_service_is_said_and_the_recorded_one_counts(
    tmp_path, caplog, storage
):
    written = write_bag(tmp_path / "bag", storage)
    file = tmp_path / "bag" / "metadata.yaml"
    text = file.read_text()
    assert "depth: 10" in text
    file.write_text(text.replace("depth: 10", "depth: 2147483648"))

    with BagReader(tmp_path / "bag") as bag:
        assert list(bag.messages({"/words", "/last"})) == written
        assert {topic.offered_qos[0].depth for topic in bag.topics} == {10}

    (said,) = [record.message for record in caplog.records]
    assert "metadata.yaml differs from the storage files about /" in said


def test_a_bag_as_it_was_written_says_nothing(tmp_path, caplog):
    for storage in STORAGES:
        write_bag(tmp_path / storage, storage)
        with BagReader(tmp_path / storage):
            pass
    assert not caplog.records


def test_a_file_that_metadata_lists_and_that_is_gone_is_named(tmp_path):
    write_bag(tmp_path / "bag")
    place = "rosbag2_bagfile_information.relative_file_paths"
    edited(tmp_path / "bag", place, ["bag.mcap", "bag_1.mcap"])

    with pytest.raises(BagError, match=r"bag lacks bag_1\.mcap, which its metadata\.yaml lists"):
        BagReader(tmp_path / "bag").__enter__()


def test_a_write_ahead_log_is_read_and_left_alone(tmp_path):
    written = write_bag(tmp_path / "whole", "sqlite3")
    (tmp_path / "bag").mkdir()
    cut_off = tmp_path / "bag" / "bag.db3"
    with sqlite3.connect(tmp_path / "whole" / "whole.db3") as database:
        rows = database.execute("SELECT * FROM messages").fetchall()
        database.execute("DELETE FROM messages WHERE id > 3")
        database.commit()
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA wal_autocheckpoint=0")
        database.executemany("INSERT INTO messages VALUES (?, ?, ?, ?)", rows[3:])
        database.commit()
        for end in ("", "-wal"):
            content = Path(f"{tmp_path}/whole/whole.db3{end}").read_bytes()
            Path(f"{cut_off}{end}").write_bytes(content)
    before = {file.name: file.read_bytes() for file in cut_off.parent.iterdir()}

    with BagReader(cut_off) as bag:
        assert list(bag.messages({"/words", "/last"})) == written

    assert {file.name: file.read_bytes() for file in cut_off.parent.iterdir()} == before


@pytest.mark.parametrize("name", ["drive#2", "what?", "100%", "a%23b"])
@pytest.mark.parametrize("storage", STORAGES)
def test_a_folder_may_be_called_anything(tmp_path, storage, name):
    (tmp_path / "named").mkdir()
    written = write_bag(tmp_path / "named" / "bag", storage)
    (tmp_path / "named").rename(tmp_path / name)
    with BagReader(tmp_path / name / "bag") as bag:
        assert list(bag.messages({"/words", "/last"})) == written


def test_two_channels_of_one_topic_are_one_topic(tmp_path):
    from rosbags.rosbag2 import StoragePlugin, Writer
    from rosbags.typesys import Stores, get_typestore

    store = get_typestore(Stores.ROS2_JAZZY)
    kind = "std_msgs/msg/String"
    qualities = [RELIABLE, RELIABLE._replace(reliability=QosReliability.BEST_EFFORT)]
    with Writer(tmp_path / "bag", version=8, storage_plugin=StoragePlugin.MCAP) as bag:
        channels = [
            bag.add_connection("/words", kind, typestore=store, offered_qos_profiles=[quality])
            for quality in qualities
        ]
        for number in range(6):
            data = store.serialize_cdr(store.types[kind](f"word {number}"), kind)
            bag.write(channels[number % 2], START + number, data)

    with BagReader(tmp_path / "bag") as reader:
        assert [(topic.name, topic.message_count) for topic in reader.topics] == [("/words", 6)]
        found = [reader.deserialize(message).data for message in reader.messages(["/words"])]
        assert found == [f"word {number}" for number in range(6)]


@pytest.mark.parametrize("storage", STORAGES)
def test_a_compressed_storage_file_is_unpacked_aside(tmp_path, storage):
    from apanet_ros.bags.storage_files import zstd

    written = write_bag(tmp_path / "bag", storage)
    (file,) = (each for each in (tmp_path / "bag").iterdir() if each.suffix != ".yaml")
    packed = file.with_name(file.name + ".zstd")
    packed.write_bytes(zstd.compress(file.read_bytes()))
    file.unlink()

    with BagReader(packed) as bag:
        assert list(bag.messages({"/words", "/last"})) == written


MCAP_OF_ROS_1 = b"\x89MCAP0\r\n\x01" + (17).to_bytes(8, "little") + b"\4\0\0\0ros1" + bytes(9)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("drive.bag", b"#ROSBAG V2.0\n" + bytes(90), "is a ROS 1 bag: .*rosbags-convert --src"),
        ("bag.mcap", MCAP_OF_ROS_1, "is an MCAP of ROS 1: .*rosbags-convert"),
        ("bag.mcap", b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS pointer.*pull"),
        ("bag.db3", b"\n<!DOCTYPE html><html>", "is a web page, not a recording"),
        ("bag.db3", b"\x28\xb5\x2f\xfd" + bytes(20), "is compressed: add .zstd to its name"),
    ],
)
def test_what_a_file_is_is_said(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    folder = [] if name == "drive.bag" else [tmp_path]
    (tmp_path / "metadata.yaml").write_text("rosbag2_bagfile_information: {}")
    for path in (tmp_path / name, *folder):
        with pytest.raises(BagError, match=sentence) as error:
            BagReader(path).__enter__()
        assert "recover" not in str(error.value)
        assert "damaged" not in str(error.value)


def test_another_serialisation_is_named(tmp_path):
    write_bag(tmp_path / "bag", "sqlite3")
    with sqlite3.connect(tmp_path / "bag" / "bag.db3") as database:
        database.execute("UPDATE topics SET serialization_format = 'protobuf'")
        database.commit()
    with pytest.raises(BagError, match="serialised as 'protobuf', and only cdr can be read"):
        BagReader(tmp_path / "bag").__enter__()


def test_a_full_disk_is_no_damage(tmp_path, monkeypatch):
    from apanet_ros.bags import storage_files

    write_bag(tmp_path / "bag", "sqlite3")
    (tmp_path / "bag" / "bag.db3-wal").write_bytes(b"a log")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage_files.shutil, "copyfile", full)
    with pytest.raises(BagError, match=r"No space left on device.*free space") as error:
        BagReader(tmp_path / "bag").__enter__()
    assert "wal_checkpoint(TRUNCATE)" in str(error.value)
    assert "damaged" not in str(error.value)
