"""Limits of control groups, in folders laid out as Linux does."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from apanet_core.control_groups import ControlGroups

MIB = 2**20
VERSION_2 = "30 24 0:26 {root} {mount} ro,nosuid - cgroup2 cgroup rw,nsdelegate"
VERSION_1 = "31 24 0:27 {root} {mount} ro - cgroup cgroup rw,{controllers}"


@pytest.fixture
def make(tmp_path):
    """Lay out a process of a group, a hierarchy mounted for it, and files in its folders."""

    def make(mounted: str, groups: str, files: dict[str, str], root: str = "/") -> ControlGroups:
        mount = tmp_path / "hierarchy"
        for name, text in files.items():
            (mount / name).parent.mkdir(parents=True, exist_ok=True)
            (mount / name).write_text(text + "\n")
        process = tmp_path / "process"
        process.mkdir()
        (process / "cgroup").write_text(groups + "\n")
        (process / "mountinfo").write_text(
            "22 1 0:20 / /proc rw - proc proc rw\n" + mounted.format(root=root, mount=mount) + "\n"
        )
        return ControlGroups(process)

    return make


def test_a_container_with_version_2(make) -> None:
    groups = make(
        VERSION_2,
        "0::/",
        {
            "cpu.max": "150000 100000",
            "memory.max": str(512 * MIB),
            "memory.current": str(300 * MIB),
            "memory.stat": f"anon {200 * MIB}\ninactive_file {50 * MIB}",
        },
    )
    assert groups.cores() == 1.5
    assert groups.free_memory() == (512 - 300 + 50) * MIB


def test_the_tightest_group_above_counts(make) -> None:
    groups = make(
        VERSION_2,
        "0::/user/job",
        {
            "user/job/cpu.max": "max 100000",
            "user/cpu.max": "200000 100000",
            "user/job/memory.max": "max",
            "user/job/memory.current": "5",
            "user/memory.max": str(100 * MIB),
            "user/memory.current": str(70 * MIB),
        },
    )
    assert groups.cores() == 2
    assert groups.free_memory() == 30 * MIB


def test_what_is_throttled_first_counts(make) -> None:
    files = {"memory.max": "900", "memory.high": "500", "memory.current": "100"}
    assert make(VERSION_2, "0::/", files).free_memory() == 400


def test_a_container_with_version_1_whose_group_has_the_name_outside(make) -> None:
    groups = make(
        VERSION_1.replace("{controllers}", "memory"),
        "4:memory:/docker/abc\n0::/",
        {
            "memory.limit_in_bytes": str(256 * MIB),
            "memory.usage_in_bytes": str(200 * MIB),
            "memory.stat": f"inactive_file 1\ntotal_inactive_file {20 * MIB}",
        },
        root="/docker/abc",
    )
    assert groups.free_memory() == 76 * MIB
    assert groups.cores() == math.inf


def test_cores_with_version_1(make) -> None:
    groups = make(
        VERSION_1.replace("{controllers}", "cpu,cpuacct"),
        "3:cpu,cpuacct:/slice",
        {
            "slice/cpu.cfs_quota_us": "50000",
            "slice/cpu.cfs_period_us": "100000",
            "cpu.cfs_quota_us": "-1",
            "cpu.cfs_period_us": "100000",
        },
    )
    assert groups.cores() == 0.5


def test_more_used_than_allowed_leaves_nothing(make) -> None:
    files = {"memory.max": "100", "memory.current": "300"}
    assert make(VERSION_2, "0::/", files).free_memory() == 0


@pytest.mark.parametrize("groups", ["0::/", "0::/gone"])
def test_without_limits_all_is_free(make, groups) -> None:
    found = make(VERSION_2, groups, {"cgroup.procs": "1"})
    assert (found.cores(), found.free_memory()) == (math.inf, math.inf)


def test_elsewhere_than_on_linux_all_is_free(tmp_path: Path) -> None:
    found = ControlGroups(tmp_path / "nothing")
    assert (found.cores(), found.free_memory()) == (math.inf, math.inf)
