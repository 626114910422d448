"""Picture files whose end is missing, told without decoding them.

OpenCV does not always say so: libjpeg fills what is missing with gray, or leaves in it what the
memory held, which may be the picture that was decoded before.
"""

from __future__ import annotations

import zlib

JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG\r\n\x1a\n"

_END_OF_JPEG = b"\xff\xd9"
_START_OF_SCAN = 0xDA
# Markers that stand alone, without a length: TEM, restarts, start and end of image.
_ALONE = frozenset({0x01, *range(0xD0, 0xDA)})


def is_cut_off(data: bytes) -> bool:
    """Whether a JPEG or PNG ends too early, or a PNG is damaged; False for any other file."""
    if data.startswith(JPEG):
        return not _is_whole_jpeg(data)
    if data.startswith(PNG):
        return not _is_whole_png(data)
    return False


def _is_whole_jpeg(data: bytes) -> bool:
    """Whether an end marker follows the first scan; a thumbnail's, before it, does not count."""
    place = 2
    # Decoders skip what lies between segments.
    while 0 <= (place := data.find(b"\xff", place)) <= len(data) - 4:
        marker = data[place + 1]
        if marker == _START_OF_SCAN:
            # Inside a scan 0xFF is followed by 0, so the end marker cannot occur by chance.
            return data.find(_END_OF_JPEG, place + 2) >= 0
        if marker == 0xFF:  # padding
            place += 1
        elif marker in _ALONE:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return False


def _is_whole_png(data: bytes) -> bool:
    """Whether every chunk up to the last, IEND, is there and has the checksum that it claims."""
    place = len(PNG)
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        body = memoryview(data)[place + 4 : place + 8 + length]
        checksum = data[place + 8 + length : place + 12 + length]
        if len(checksum) < 4 or zlib.crc32(body) != int.from_bytes(checksum, "big"):
            return False
        if bytes(body[:4]) == b"IEND":
            return True
        place += 12 + length
    return False
