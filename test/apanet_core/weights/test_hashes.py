from __future__ import annotations

import re

import pytest

from apanet_core.errors import CheckpointError, ConfigError
from apanet_core.weights import resolve_weights
from apanet_core.weights.hashes import check_hash, read_list, sha256, shipped_hash

# FIPS 180-2, appendix B.1.
HASH_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def abc(tmp_path):
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    return path


def test_the_hash_of_the_standard(abc) -> None:
    assert sha256(abc) == HASH_OF_ABC


def test_an_equal_hash_passes_in_either_case(abc) -> None:
    check_hash(abc, HASH_OF_ABC)
    check_hash(abc, HASH_OF_ABC.upper())


def test_another_hash_is_told_with_both(abc) -> None:
    other = "0" * 64

    message = f"{abc} has the SHA-256 {HASH_OF_ABC}, not {other}: it is damaged or another file"
    with pytest.raises(CheckpointError, match=re.escape(message)):
        check_hash(abc, other)


@pytest.mark.parametrize("text", ["", "abc", HASH_OF_ABC + "0", "g" * 64])
def test_what_is_no_hash_is_refused(abc, text) -> None:
    with pytest.raises(ConfigError, match=f"64 hexadecimal digits; '{text}' is none"):
        check_hash(abc, text)


def test_the_list_is_what_sha256sum_writes(tmp_path) -> None:
    (tmp_path / "list").write_text("12ab  a.safetensors\n34cd *b.safetensors\n")

    assert read_list(tmp_path / "list") == {"a.safetensors": "12ab", "b.safetensors": "34cd"}


def test_only_shipped_files_have_a_listed_hash(tmp_path) -> None:
    tiny = resolve_weights("tiny")
    (tmp_path / tiny.name).write_bytes(b"another file of this name")

    assert shipped_hash(tiny) == sha256(tiny)
    assert shipped_hash(tmp_path / tiny.name) is None
