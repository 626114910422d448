from __future__ import annotations

import re

import pytest

from apanet_core.errors import CheckpointError
from apanet_core.runtime.onnx_backend import OnnxBackend
from apanet_core.runtime.options import RuntimeOptions
from apanet_core.weights.description import describe
from apanet_core.weights.impostors import impostor

KINDS = ("a web page", "a Git LFS pointer")
PAGE = b"<!doctype html><html>404</html>"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n"


@pytest.mark.parametrize(("content", "what"), zip((PAGE, POINTER), KINDS, strict=True))
def test_it_is_called_what_it_is_without_torch_too(tmp_path, content: bytes, what: str) -> None:
    weights, exported = tmp_path / "a.safetensors", tmp_path / "a.onnx"
    for path in (weights, exported):
        path.write_bytes(content)

    with pytest.raises(CheckpointError, match=re.escape(f"Cannot load {weights}: it is {what}, ")):
        describe(weights)
    with pytest.raises(CheckpointError, match=re.escape(f"Cannot load {exported}: it is {what}, ")):
        OnnxBackend(exported, RuntimeOptions())


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"\x80\x02}q", b"version 1", b"<a>"])
def test_any_other_file_is_left_to_those_who_read_it(tmp_path, content: bytes) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(content)

    assert impostor(path) == ""
    assert impostor(tmp_path / "none.pth") == ""
