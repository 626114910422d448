from __future__ import annotations

import dataclasses

import pytest

from apanet_core.benchmark.case import Case, Percentiles, Result, Roofline
from apanet_core.benchmark.report import Report, load_report, save_report, table
from apanet_core.errors import ConfigError


def result(model: str, whole: float, memory: float, released: bool = False) -> Result:
    stages = {"pad": 1.0, "upload": 2.0, "network": whole - 5, "download": 1.5, "crop": 0.5}
    times = {**stages, "whole": whole}
    stages = {name: Percentiles(p50, p50 + 1, p50 + 2) for name, p50 in times.items()}
    case = Case(model, 376, 1248, released)
    return Result(case, "torch on cpu", 1_911_264, 20.46, stages, 300.0, 300.0 + memory, 0.0)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_by_hand() -> None:
    *_, ours, theirs = table(
        [result("tiny", 50, 100), result("tiny", 400, 650, released=True)]
    ).split("\n")

    assert cells(ours) == [
        *("tiny", "1248x376", "1.91", "20.5", "50.0", "51.0", "52.0"),
        *("1.0", "2.0", "45.0", "1.5", "0.5", "100", ""),
        "8.0 x faster, 1/6.5 of the memory of released",
    ]
    assert cells(theirs)[0] == "tiny, released formulation"
    assert cells(theirs)[-1] == ""


def test_an_earlier_report_is_compared_case_by_case(tmp_path) -> None:
    earlier = Report("a machine", "abc123", (result("tiny", 80, 90), result("small", 70, 60)))
    save_report(earlier, tmp_path / "earlier.json")

    loaded = load_report(tmp_path / "earlier.json")
    rows = table([result("tiny", 40, 90), result("other", 40, 90)], loaded.results).split("\n")[2:]

    assert loaded == earlier
    assert [cells(row)[-1] for row in rows] == ["2.00 x earlier", ""]


def test_a_network_without_weights_counts_no_work() -> None:
    exported = dataclasses.replace(result("tiny.onnx", 50, 100), parameters=None, gmacs=None)

    assert cells(table([exported]).split("\n")[2])[2:4] == ["", ""]


def test_estimate_fidelity_and_limits_stand_where_they_were_measured() -> None:
    limits = Roofline(gmacs_per_s=100, gb_per_s=20, operations_ms=9, bytes_ms=22.5)
    half = dataclasses.replace(
        result("tiny", 50, 100), estimated_mib=120, fidelity_db=48.25, roofline=limits
    )

    row = cells(table([half]).split("\n")[2])

    assert row[-2] == "120"
    assert row[-1] == (
        "48.2 dB from float32, 5.0 x the 9.0 ms of its operations at 100 GMAC/s, "
        "2.0 x the 22.5 ms of its bytes at 20.0 GB/s"
    )
    assert Result.from_dict(half.to_dict()) == half


def test_another_precision_is_another_case() -> None:
    float32, half = result("tiny", 80, 90), result("tiny", 40, 90)
    half = dataclasses.replace(half, case=dataclasses.replace(half.case, precision="bfloat16"))

    row = cells(table([half], [float32]).split("\n")[2])

    assert row[0] == "tiny, bfloat16"
    assert row[-1] == ""


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"results": [{}]}', "no json"])
def test_what_is_no_report_is_refused(tmp_path, content: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)

    with pytest.raises(ConfigError, match=r"other\.json is no report of `apanet bench`"):
        load_report(path)


def test_a_missing_report_is_named(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"Cannot read .*gone\.json: No such file"):
        load_report(tmp_path / "gone.json")
