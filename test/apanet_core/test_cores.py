import pytest

from apanet_core import cores
from apanet_core.control_groups import ControlGroups


@pytest.mark.parametrize(
    ("affinity", "quota", "usable"),
    [(3, float("inf"), 3), (8, 2.0, 2), (8, 1.5, 2), (8, 0.2, 1), (2, 16.0, 2)],
)
def test_affinity_and_the_containers_share_limit_the_cores(
    monkeypatch, affinity, quota, usable
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(affinity)))
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    monkeypatch.setattr(ControlGroups, "cores", lambda _: quota)

    assert cores.usable_cores() == usable


def test_where_there_is_no_affinity_the_machines_cores_count(monkeypatch) -> None:
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 12)
    monkeypatch.setattr(ControlGroups, "cores", lambda _: float("inf"))

    assert cores.usable_cores() == 12
