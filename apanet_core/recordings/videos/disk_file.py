"""A file that FFmpeg writes into, and that does not lose what the disk says."""

from __future__ import annotations

import os
from pathlib import Path


class DiskFile:
    """A file opened for writing, in the form in which PyAV takes one.

    FFmpeg forgets a refusal of its last writes, so the first one is kept here, and `check` raises
    it. What comes after it is not written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb", buffering=0)
        self._refusal: BaseException | None = None

    def write(self, data: bytes) -> int:
        """Write all of it, or keep the refusal."""
        rest = memoryview(data)
        try:
            while rest and self._refusal is None:
                rest = rest[self._file.write(rest) :]
        except BaseException as error:  # FFmpeg would lose an interruption as well.
            self._refusal = error
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a place; returns it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()

    def check(self) -> None:
        """Raise what was refused, with the name of the file."""
        if isinstance(self._refusal, OSError):
            raise OSError(self._refusal.errno, self._refusal.strerror, str(self._path))
        if self._refusal is not None:
            raise self._refusal

    def settle(self) -> None:
        """Have the disk take all of it; raises `OSError` where it does not."""
        self.check()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; call `settle` before where it is to be kept."""
        self._file.close()
