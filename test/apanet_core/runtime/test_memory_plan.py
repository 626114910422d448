"""Bands are chosen before Linux would kill the process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from apanet_core.errors import ApanetError, OutOfMemoryError
from apanet_core.runtime import derainer as derainer_module
from apanet_core.runtime import memory_plan
from apanet_core.runtime.backend import unmarked
from apanet_core.runtime.derainer import StereoDerainer
from apanet_core.runtime.memory import is_out_of_memory
from apanet_core.runtime.memory_plan import fitting_bands

MIB = 2**20
PAIR = np.random.default_rng(0).integers(0, 256, (2, 400, 64, 3), np.uint8)


def working_bytes(height: int, width: int) -> int:
    return height * width * 1000


class Inverter:
    """A backend that notes how many rows it is given."""

    device, description, multiple, separates_veil = "cpu", "inverts", 8, False

    def __init__(self) -> None:
        self.rows: list[int] = []

    def derain(self, left, right, _mark=unmarked, _veil_removal=1.0):
        self.rows.append(left.shape[0])
        return 255 - left, 255 - right

    working_bytes = staticmethod(working_bytes)


@pytest.fixture
def limit(monkeypatch):
    """Let so many bytes be free, without swap."""

    def limit(free: float, swap: float = 0) -> None:
        for module in (memory_plan, derainer_module):
            monkeypatch.setattr(module, "free_memory", lambda: free)
        monkeypatch.setattr(memory_plan, "free_swap", lambda: swap)

    return limit


@pytest.mark.parametrize(
    ("free", "bands"), [(10**9, 1), (112e6, 1), (110e6, 2), (50e6, 4), (20e6, 8), (13e6, 16)]
)
def test_as_few_bands_as_fit(limit, free, bands) -> None:
    limit(free)
    assert fitting_bands(working_bytes, 1000, 100, 16) == bands


def test_what_fits_in_no_bands_is_refused_before_it_is_computed(limit) -> None:
    limit(5 * MIB)
    with pytest.raises(OutOfMemoryError) as refused:
        fitting_bands(working_bytes, 1000, 100, 16)
    assert str(refused.value) == (
        "Deraining a pair of 100 x 1000 takes about 10 MiB even in bands, and 5 MiB of memory are "
        "free: close other programs, raise the container's limit, or scale the pictures down."
    )
    assert isinstance(refused.value, ApanetError)
    assert is_out_of_memory(refused.value)


def test_swap_is_no_reason_to_take_one_band_but_to_go_on(limit) -> None:
    limit(5 * MIB, swap=100 * MIB)
    assert fitting_bands(working_bytes, 1000, 100, 16) == 16


def test_a_pair_is_derained_in_bands_with_one_warning(limit, caplog) -> None:
    limit(12 * MIB)
    backend = Inverter()
    derainer = StereoDerainer(backend)

    for _ in range(2):
        assert np.array_equal(np.stack(derainer.derain(*PAIR)), 255 - PAIR)

    assert max(backend.rows) < 400
    assert len(backend.rows) == 8
    (message,) = caplog.messages
    assert message == (
        "A pair of 64 x 400 takes about 24 MiB at once, and 12 MiB are free: pictures of this size "
        "are derained in 4 bands, which takes longer."
    )


def test_a_caller_who_answers_himself_has_the_error_at_once(limit) -> None:
    limit(12 * MIB)
    backend = Inverter()

    with pytest.raises(OutOfMemoryError, match=r"takes about 24 MiB, and 12 MiB of memory are fr"):
        StereoDerainer(backend, spare_memory=False).derain(*PAIR)

    assert backend.rows == []


def test_a_gpu_raises_by_itself(limit) -> None:
    limit(0)
    backend = Inverter()
    backend.device = "cuda:0"

    StereoDerainer(backend).derain(*PAIR)

    assert backend.rows == [400]


LIMITED = """
import logging
import sys
import numpy as np
import torch
from apanet_core.runtime.derainer import StereoDerainer

logging.basicConfig(format="%(message)s")
derainer = StereoDerainer(sys.argv[1], "cpu")
views = np.random.default_rng(0).integers(0, 256, (2, 512, 512, 3), np.uint8)
derainer.derain(*views[:, :64])
used = int(open("/proc/self/statm").read().split()[1]) * 4096
with open(sys.argv[2] + "/memory.limit_in_bytes", "w") as limit:
    limit.write(str(used + 300 * 2**20))
with open(sys.argv[2] + "/cgroup.procs", "w") as group:
    group.write("0")
derainer.derain(*views)
print("derained")
"""


@pytest.fixture
def memory_group():
    """A control group of memory, version 1, of the test's own."""
    folder = Path("/sys/fs/cgroup/memory") / f"apanet_test_{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"no group of memory can be made here: {error}")
    yield folder
    for _ in range(50):
        try:
            folder.rmdir()
            return
        except OSError:
            time.sleep(0.1)


def test_a_real_limit_kills_nobody(memory_group, make_network, tmp_path) -> None:
    pytest.importorskip("torch")
    from apanet_core.network.checkpoint import save_model
    from apanet_core.network.config import ApanetConfig

    config = ApanetConfig(width=32, blocks=(1, 1), memory_size=(4, 4), parallax=(False, True))
    save_model(make_network(config), tmp_path / "wide.safetensors")

    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "wide.safetensors"), str(memory_group)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (0, "derained\n"), ran.stderr
    assert "are derained in" in ran.stderr
