"""The stamp of a message, read without deserialising the rest of it."""

from __future__ import annotations

import struct

from apanet_core.time_units import NANOSECONDS
from apanet_ros.errors import BagError

HEADER_BYTES = 12
"""Four of encapsulation, then seconds and nanoseconds."""


def header_stamp_ns(serialized: bytes) -> int:
    """Return the stamp of a CDR message that begins with a header, nanoseconds since the epoch.

    Raises:
        BagError: the message is too short to hold one.
    """
    if len(serialized) < HEADER_BYTES:
        raise BagError(f"The message holds {len(serialized)} bytes, too few for a header.")
    little_endian = serialized[1] & 1
    seconds, nanoseconds = struct.unpack_from("<iI" if little_endian else ">iI", serialized, 4)
    return int(seconds) * NANOSECONDS + int(nanoseconds)
