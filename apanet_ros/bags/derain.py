"""Derains a bag offline: every other message is copied, stamps and times are kept."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from apanet_core.errors import ImageError
from apanet_core.evaluation.derain import Derain
from apanet_core.imaging.files import read_rgb, write_rgb
from apanet_core.imaging.white_level import WhiteLevel
from apanet_core.output_files import written_aside
from apanet_core.progress import progress_bar
from apanet_core.recordings.comparison import (
    NUMBERED,
    check_comparison,
    compared,
    write_video,
)
from apanet_core.recordings.job import Job, derainer_of
from apanet_core.recordings.tally import Tally
from apanet_core.recordings.unfinished import WorkFolder, unfinished
from apanet_core.recordings.videos import is_video_name
from apanet_core.time_units import NANOSECONDS
from apanet_ros.bags.image_messages import decode_image, encode_image
from apanet_ros.bags.reader import BagMessage, BagReader, BagTopic
from apanet_ros.bags.side_by_side import open_stereo_bag
from apanet_ros.bags.split_bag import join_bags
from apanet_ros.bags.stereo_index import StereoIndex, index_pairs
from apanet_ros.bags.stereo_topics import derained_names, find_stereo_topics, named_topics
from apanet_ros.bags.writer import BAG_NAMES, BagWriter, check_bag_target
from apanet_ros.errors import BagError

PIECE_PAIRS = 100
PIECE_BYTES = 2**30
"""A file of the new bag ends at whichever comes first; an interruption loses at most one file."""

FAR_NS = 5 * NANOSECONDS
"""Images of a pair that were recorded farther apart than this do not wait for each other."""

UNREADABLE = "unreadable images, copied"
PARTNER_UNREADABLE = "images whose partner is unreadable, copied"
UNPAIRED = "images without a partner, copied"
UNEQUAL = "pairs of unequal size, copied"


@dataclass
class Slot:
    """A message on its way out; its bytes come once its pair is derained. None leaves it out."""

    topic: str
    time_ns: int
    serialized: bytes | None
    waiting: bool = False
    original: bytes | None = None


def derain_bag(job: Job) -> Tally:
    """Derain a rosbag2 into a new one of the same storage, split into files as rosbag2 does.

    Derained images and copies of their camera_infos go beside the originals under the names of
    the node's outputs, or take the originals' place. What cannot be derained is counted and
    copied as it was. Messages are read and written one at a time.

    Raises:
        BagError: the bag cannot be read or has no stereo cameras, or no pair could be derained.
        ConfigError: the output exists, or as `unfinished`.
    """
    check_bag_target(job.output, job.force)
    if job.compare is not None:
        check_comparison(job.compare, job.force)
    with open_stereo_bag(job.recording.paths[0], job.side_by_side, derained=True) as reader:
        names = reader.views or job.topics
        topics = (
            named_topics(reader.topics, names)
            if names is not None
            else find_stereo_topics(reader.topics)
        )
        index = index_pairs(
            reader,
            topics,
            round(job.slop_ms * NANOSECONDS / 1000),
            round(job.right_offset_ms * NANOSECONDS / 1000),
        )
        if not index.pairs:
            raise BagError(
                f"No image of {topics[0].name} pairs with one of {topics[1].name}: `apanet "
                f"check-bag {reader.path}` shows their stamps and advises a slop or an offset."
            )
        derain = derainer_of(job.model, job.device, job.veil_removal).derain
        identity = job.identity() | {"compare": job.compare is not None}
        with unfinished(job.output, identity, job.force, BAG_NAMES) as work:
            bag = _BagDerainer(reader, topics, index, job, derain, work)
            tally = bag.run()
            if not tally.derained:
                work.discard()
                raise BagError(f"No pair could be derained: {tally.examples[0]}")
            join_bags(bag.pieces, work.result, job.output.name)
            if job.compare is not None:
                tally.fitted = _keep_comparison(work, job.compare, index.rate_hz(), job.force)
    return tally


class _BagDerainer:
    """The second pass: messages go out in the order they came in, images once derained."""

    def __init__(
        self,
        reader: BagReader,
        topics: tuple[BagTopic, BagTopic],
        index: StereoIndex,
        job: Job,
        derain: Derain,
        work: WorkFolder,
    ) -> None:
        self._reader = reader
        self._job = job
        self._derain = derain
        self._work = work
        self._index = index
        self._topics = (topics[0].name, topics[1].name)
        self._sides = {topics[0].name: 0, topics[1].name: 1}
        self._pair_of = [
            {left: number for number, (left, _) in enumerate(index.pairs)},
            {right: number for number, (_, right) in enumerate(index.pairs)},
        ]
        names = derained_names(topics[0].name, topics[1].name)
        # Views of one topic are called as derained ones are from the beginning.
        self._names = {} if job.instead or job.side_by_side else names
        state = work.load_state() or {"pieces": 0, "read": 0, "seen": [0, 0], "tally": None}
        self._done: int = state["read"]
        self._seen: list[int] = list(state["seen"])
        self._piece_count: int = state["pieces"]
        self._tally = Tally.from_dict(state["tally"]) if state["tally"] else Tally()
        self._level = WhiteLevel(known=state.get("white"))
        self._slots: deque[Slot] = deque()
        self._half: dict[int, tuple[BagMessage, Slot]] = {}

    @property
    def pieces(self) -> list[Path]:
        """The bags written so far."""
        return [self._piece(number) for number in range(self._piece_count)]

    def run(self) -> Tally:
        """Write what is missing and return what became of the images."""
        topics = {topic.name: topic for topic in self._reader.topics}
        messages = enumerate(self._reader.messages(topics), 1)
        for _ in range(self._done):
            next(messages)
        with progress_bar("derain", len(self._index.pairs), "pair", self._tally.derained) as bar:
            while self._write_piece(messages, topics, bar):
                pass
        return self._tally

    def _write_piece(
        self, messages: Iterator[tuple[int, BagMessage]], topics: dict[str, BagTopic], bar: tqdm
    ) -> bool:
        """Write one file's worth of messages; return whether there may be more."""
        first = next(messages, None)
        if first is None:
            return False
        path = self._piece(self._piece_count)
        shutil.rmtree(path, ignore_errors=True)
        start = self._tally.derained
        written = 0
        with BagWriter(path, self._reader.storage) as writer:
            self._declare(writer, topics)
            item: tuple[int, BagMessage] | None = first
            while item is not None:
                before = self._tally.derained
                self._done, message = item
                self._take(message)
                bar.update(self._tally.derained - before)
                written += self._flush(writer)
                full = self._tally.derained - start >= PIECE_PAIRS or written >= PIECE_BYTES
                if full and not self._slots:
                    break
                item = next(messages, None)
            self._give_up_waiting()
            self._flush(writer)
        self._piece_count += 1
        self._work.save_state(
            {
                "pieces": self._piece_count,
                "read": self._done,
                "seen": self._seen,
                "tally": self._tally.to_dict(),
                "white": self._level.state,
            }
        )
        return True

    def _declare(self, writer: BagWriter, topics: dict[str, BagTopic]) -> None:
        for topic in topics.values():
            writer.copy_topic(topic)
        for name, derained in self._names.items():
            if derained in topics:
                raise BagError(
                    f"The bag holds {derained} already: name other cameras with --topics, or "
                    "derain them --instead."
                )
            if name in topics:
                writer.copy_topic(topics[name], derained)

    def _take(self, message: BagMessage) -> None:
        """Queue a message for output, and derain its pair when it completes one."""
        beside = self._names.get(message.topic)
        if message.topic not in self._sides:
            self._slots.append(Slot(message.topic, message.time_ns, message.serialized))
            if beside is not None:
                self._slots.append(Slot(beside, message.time_ns, message.serialized))
            return
        side = self._sides[message.topic]
        pair = self._pair_of[side].get(self._seen[side])
        self._seen[side] += 1
        if beside is not None or pair is None:
            self._slots.append(Slot(message.topic, message.time_ns, message.serialized))
        if pair is None:
            self._tally.note(UNPAIRED)
            return
        keeps_original = beside is not None or self._job.side_by_side
        fallback = None if keeps_original else message.serialized
        slot = Slot(beside or message.topic, message.time_ns, None, True, fallback)
        self._slots.append(slot)
        if self._is_far(pair):
            self._derain_far(pair, side, message, slot)
            return
        if pair not in self._half:
            self._half[pair] = message, slot
            return
        both = [self._half.pop(pair), (message, slot)]
        self._derain_pair(pair, both if side else both[::-1])

    def _is_far(self, pair: int) -> bool:
        """Whether the bag holds the images of a pair so far apart that none may wait in memory."""
        left, right = self._index.pairs[pair]
        apart = self._index.left.times_ns[left] - self._index.right.times_ns[right]
        return abs(apart) > FAR_NS

    def _derain_far(self, pair: int, side: int, message: BagMessage, slot: Slot) -> None:
        """Derain a pair when its first image comes, and keep the other one's result on the disk."""
        kept = self._work.path / f"far_{pair:06}_{side}"
        if kept.exists():
            slot.waiting, slot.serialized = False, kept.read_bytes() or slot.original
            kept.unlink()
            return
        partner = self._partner(pair, side)
        original = partner.serialized if slot.original is not None else None
        other = Slot(partner.topic, partner.time_ns, None, True, original)
        both = [(message, slot), (partner, other)]
        if partner.time_ns < message.time_ns:
            # An interruption lost what was kept; the pair was counted when its first image came.
            counted, self._tally = self._tally, Tally()
            self._derain_pair(pair, both[::-1] if side else both)
            self._tally = counted
            return
        self._derain_pair(pair, both[::-1] if side else both)
        kept = self._work.path / f"far_{pair:06}_{1 - side}"
        kept.write_bytes(other.serialized or b"")

    def _partner(self, pair: int, side: int) -> BagMessage:
        """Fetch the other image of a pair from where the bag holds it."""
        other = 1 - side
        camera = (self._index.left, self._index.right)[other]
        number = self._index.pairs[pair][other]
        time_ns = camera.times_ns[number]
        before = sum(each == time_ns for each in camera.times_ns[:number])
        found = self._reader.messages([self._topics[other]], time_ns, time_ns + 1)
        return next(islice(found, before, None))

    def _derain_pair(self, number: int, both: Sequence[tuple[BagMessage, Slot]]) -> None:
        """Fill the slots of a pair, left first, or fall back to what the bag held."""
        for _, slot in both:
            slot.waiting, slot.serialized = False, slot.original
        read = []
        for message, _ in both:
            try:
                read.append(decode_image(message))
            except ImageError as error:
                self._tally.note(UNREADABLE, f"{message.topic} at {message.time_ns} ns: {error}")
        if len(read) < 2:
            self._tally.problems[PARTNER_UNREADABLE] += len(read)
            return
        try:
            rainy = self._level.pictures([read[0][1], read[1][1]])
            derained = self._derain(rainy[0], rainy[1])
        except ImageError as error:
            self._tally.note(UNEQUAL, f"Pair at {both[0][0].time_ns} ns: {error}")
            return
        for (like, _), (_, slot), view in zip(read, both, derained, strict=True):
            slot.serialized = encode_image(view, like, self._level)
        self._tally.derained += 1
        if self._job.compare is not None:
            folder = _comparison_folder(self._work)
            folder.mkdir(exist_ok=True)
            write_rgb(folder / f"{number:06}.jpg", compared(rainy, derained))

    def _flush(self, writer: BagWriter) -> int:
        """Write what is ready at the front of the queue; return how many bytes that were."""
        written = 0
        while self._slots and not self._slots[0].waiting:
            slot = self._slots.popleft()
            if slot.serialized is not None:
                writer.write(slot.topic, slot.time_ns, slot.serialized)
                written += len(slot.serialized)
        return written

    def _give_up_waiting(self) -> None:
        """At the bag's end no partner comes any more; with whole pairs nothing waits."""
        for slot in self._slots:
            if slot.waiting:
                slot.waiting, slot.serialized = False, slot.original
        self._half.clear()

    def _piece(self, number: int) -> Path:
        return self._work.path / f"piece_{number:06}"


def _comparison_folder(work: WorkFolder) -> Path:
    return work.path / "compare"


def _keep_comparison(work: WorkFolder, target: Path, fps: float, force: bool) -> int:
    """Make the comparison of the pictures; returns how many frames `write_video` had to fit."""
    folder = _comparison_folder(work)
    names = () if is_video_name(target) else (NUMBERED,)
    with written_aside(target, force, names) as aside:
        if not is_video_name(target):
            shutil.copytree(folder, aside)
            return 0
        return write_video(map(read_rgb, sorted(folder.iterdir())), aside, fps)
