"""TensorRT engines kept on disk, each for exactly one network, shape and machine.

An engine that was built for something else gives wrong pictures or none, and an engine is code. So
a folder of engines is used only where its note says that it was made for the same, and where every
file still is as it was noted; else it is made anew.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from apanet_core.output_files import replaced
from apanet_core.weights.hashes import sha256

NOTE = "made_for.json"


@dataclass(frozen=True)
class EngineKey:
    """What an engine depends on.

    Attributes:
        model: SHA-256 of the `.onnx` file.
        precision: of the arithmetic.
        height, width: of the padded pictures, in pixels.
        runtime: version of ONNX Runtime, with that of TensorRT where known.
        gpu: name and compute capability.
    """

    model: str
    precision: str
    height: int
    width: int
    runtime: str
    gpu: str

    @property
    def folder_name(self) -> str:
        """A name of its own for each key."""
        text = json.dumps(dataclasses.asdict(self), sort_keys=True)
        return f"{self.width}x{self.height}-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def cache_folder() -> Path:
    """Return `$APANET_CACHE`, or `apanet` in `$XDG_CACHE_HOME`, or in `~/.cache`."""
    if chosen := os.environ.get("APANET_CACHE"):
        return Path(chosen)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "apanet"


class EngineFolder:
    """The engines of one key.

    Args:
        root: folder of all engines.
        key: what they are for.

    Attributes:
        path: the folder; it exists, and is empty where nothing in it could be trusted.
        ready: whether it holds engines that can be used.
    """

    def __init__(self, root: Path, key: EngineKey) -> None:
        self.path = root / key.folder_name
        self._key = key
        self.ready = self._is_as_noted()
        if not self.ready:
            shutil.rmtree(self.path, ignore_errors=True)
        # Only their owner may put engines there, for they are executed.
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def note(self) -> None:
        """Say of what is in the folder now that it was made for the key."""
        with replaced(self.path / NOTE) as aside:
            aside.write_text(json.dumps(self._expected(), indent=1), encoding="utf-8")
        self.ready = True

    def _is_as_noted(self) -> bool:
        try:
            noted = json.loads((self.path / NOTE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        expected = self._expected()
        return bool(expected["files"]) and noted == expected

    def _expected(self) -> dict[str, object]:
        files = (file for file in self.path.iterdir() if file.suffix != ".part")
        hashes = {file.name: sha256(file) for file in sorted(files) if file.name != NOTE}
        return {"key": dataclasses.asdict(self._key), "files": hashes}
