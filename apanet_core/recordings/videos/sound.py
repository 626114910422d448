"""Sound taken over from one file into another as it is, between the frames that it belongs to."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apanet_core.recordings.videos.scan import packets_of

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet
    from av.stream import Stream


class SoundCopy:
    """The sound of a file on its way into another.

    Attributes:
        left_out: the codecs of sound that the new container does not take.
    """

    def __init__(self, source: Path, output: OutputContainer, start: Fraction) -> None:
        """Declare the sound in `output`, which is opened and has no packet yet.

        Args:
            source: the file whose sound is taken over.
            output: the file it goes into.
            start: seconds of the source at which the output begins; sound before it is left out.
        """
        import av

        self.left_out: list[str] = []
        self._targets: dict[int, Stream] = {}
        self._start = start
        self._container = av.open(str(source))
        for stream in self._container.streams.audio:
            if _takes(output.format.name, stream):
                self._targets[stream.index] = output.add_stream_from_template(stream)
            else:
                self.left_out.append(stream.codec_context.name)
        self._packets = self._read()
        self._next = next(self._packets, None)

    def until(self, time: Fraction | None) -> Iterator[Packet[Any]]:
        """Yield the packets up to a time of the output, seconds, or all that are left."""
        while self._next is not None and (time is None or _time_of(self._next) <= time):
            packet, self._next = self._next, next(self._packets, None)
            packet.stream = self._targets[packet.stream.index]
            yield packet

    def close(self) -> None:
        """Close the source."""
        self._container.close()

    def _read(self) -> Iterator[Packet[Any]]:
        streams = [self._container.streams[index] for index in self._targets]
        if streams:
            for packet in packets_of(self._container, *streams):
                if packet.size and packet.dts is not None:
                    start = round(self._start / (packet.time_base or 1))
                    packet.dts -= start
                    packet.pts = packet.dts if packet.pts is None else packet.pts - start
                    if not start or packet.dts >= 0:
                        yield packet


def _time_of(packet: Packet[Any]) -> Fraction:
    return (packet.dts or 0) * (packet.time_base or Fraction(1))


def _takes(container: str, stream: AudioStream) -> bool:
    """Whether a container takes such sound, by the header of a file that is thrown away."""
    import av

    try:
        with av.open(io.BytesIO(), "w", format=container) as trial:
            trial.add_stream_from_template(stream)
            trial.start_encoding()
    except (ValueError, av.FFmpegError):
        return False
    return True
