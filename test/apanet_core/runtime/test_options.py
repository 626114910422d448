from __future__ import annotations

import pytest

from apanet_core.control_groups import ControlGroups
from apanet_core.errors import BackendError
from apanet_core.runtime.options import RuntimeOptions, usable_threads


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("backend", "auto, torch, onnx"),
        ("precision", "auto, float32, bfloat16, float16"),
        ("provider", "auto, cuda, tensorrt, cpu"),
        ("acceleration", "auto, none, graph, compile"),
    ],
)
def test_an_unknown_name_lists_the_valid_ones(name: str, valid: str) -> None:
    with pytest.raises(BackendError, match=f"Unknown {name} 'nothing'; valid: {valid}"):
        RuntimeOptions(**{name: "nothing"})


def test_threads_cannot_be_negative() -> None:
    with pytest.raises(BackendError, match=r"threads must be 0 .* or more: -1"):
        RuntimeOptions(threads=-1)


def test_no_more_threads_than_cores(monkeypatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 5})

    assert [usable_threads(threads) for threads in (0, 2, 3, 64)] == [0, 2, 3, 3]


def test_a_container_has_its_share_and_the_user_the_last_word(monkeypatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(64)))
    monkeypatch.setattr(ControlGroups, "cores", lambda _: 2.0)

    assert [usable_threads(threads) for threads in (0, 1, 64)] == [2, 1, 2]
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert usable_threads(0) == 5
