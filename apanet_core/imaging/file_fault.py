"""Picture files that are cut off or damaged, found without decoding them.

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


CUT_OFF = "its end is missing"
DAMAGED = "it is damaged inside"


def file_fault(data: bytes) -> str:
    """Return `CUT_OFF` or `DAMAGED` for a JPEG or PNG that is; else, and of others, nothing."""
    if data.startswith(JPEG):
        return "" if _has_end(data) else CUT_OFF
    return _fault_of_png(data) if data.startswith(PNG) else ""


def _has_end(data: bytes) -> bool:
    """Whether an end marker follows a JPEG's first scan; a thumbnail's, before it, is another."""
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


def _fault_of_png(data: bytes) -> str:
    """Look whether every chunk up to IEND is there and has the checksum that it claims."""
    place = len(PNG)
    while place + 12 <= len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4], "big")
        body, checksum = memoryview(data)[place + 4 : end], data[end : end + 4]
        if len(checksum) < 4:
            return CUT_OFF
        if zlib.crc32(body) != int.from_bytes(checksum, "big"):
            return DAMAGED
        if bytes(body[:4]) == b"IEND":
            return ""
        place = end + 4
    return CUT_OFF
