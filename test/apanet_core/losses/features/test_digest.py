from __future__ import annotations

import pytest

pytest.importorskip("torch")

import hashlib

from apanet_core.losses.features.digest import file_sha256


def test_a_known_digest(tmp_path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")

    # FIPS 180-2, appendix B.1.
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_sha256(path) == expected


def test_a_file_longer_than_one_reading(tmp_path) -> None:
    content = bytes(range(256)) * 8192 + b"and the rest"
    path = tmp_path / "long"
    path.write_bytes(content)

    assert file_sha256(path) == hashlib.sha256(content).hexdigest()
