from __future__ import annotations

import pytest

from apanet_core.errors import BackendError
from apanet_core.runtime.options import RuntimeOptions


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("backend", "auto, torch, onnx"),
        ("precision", "auto, float32, bfloat16, float16"),
    ],
)
def test_an_unknown_name_lists_the_valid_ones(name: str, valid: str) -> None:
    with pytest.raises(BackendError, match=f"Unknown {name} 'none'; valid: {valid}"):
        RuntimeOptions(**{name: "none"})


def test_threads_cannot_be_negative() -> None:
    with pytest.raises(BackendError, match=r"threads must be 0 .* or more: -1"):
        RuntimeOptions(threads=-1)
