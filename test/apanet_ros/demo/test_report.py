import json
from dataclasses import replace

from apanet_core.downstream.disparity_error import DisparityError
from apanet_ros.demo.matching import Matching
from apanet_ros.demo.quality import Quality
from apanet_ros.demo.report import (
    STAGES,
    Measurement,
    as_table,
    counters_of,
    stages_of,
    write_report,
)

PAIRS = {
    f"{stage}_ms_{key}": f"{10.0 * row + column:.3f}"
    for row, stage in enumerate(STAGES)
    for column, key in enumerate(("p50", "p95", "p99"))
}
PAIRS |= {"paired": "38", "derained": "35", "replaced": "2", "late": "0", "passed_through": "0",
          "rejected": "0", "failed": "1"}  # fmt: skip
MEASUREMENT = Measurement(
    machine="a machine",
    commit="abc1234",
    model="tiny on cpu",
    scene="a scene",
    pairs=40,
    replay_rate=0.625,
    counters=counters_of(PAIRS),
    stages_ms=stages_of(PAIRS),
    quality=Quality(70, 22.5, 28.25, 0.8, 0.95),
    matching=Matching(
        5,
        rainy=DisparityError(0.5, 0.3, 5.25, 0.6),
        derained=DisparityError(0.25, 0.1, 2.5, 0.8),
        clean=DisparityError(0.125, 0.05, 1.0, 0.9),
    ),
)


def test_the_table_has_a_row_for_each_stage():
    lines = as_table(MEASUREMENT).splitlines()
    assert lines[0].split("|")[3:6] == ["   p50 ms ", "   p95 ms ", "   p99 ms "]
    infer = next(line for line in lines if line.startswith("| infer"))
    assert [cell.strip() for cell in infer.split("|")[3:6]] == ["20.0", "21.0", "22.0"]
    rows = lines[: lines.index("")]
    assert len(rows) == 2 + len(STAGES)
    assert len({len(line) for line in rows}) == 1, "the columns stand in line"


def test_the_table_says_what_became_of_every_pair():
    assert (
        "35 of 40 pairs derained, 2 replaced, 1 failed, 2 never paired; "
        "replayed at 0.62 x real time."
    ) in as_table(MEASUREMENT)


def test_nothing_lost_is_said_too():
    counters = {**MEASUREMENT.counters, "paired": 40, "derained": 40, "replaced": 0, "failed": 0}
    table = as_table(replace(MEASUREMENT, counters=counters))
    assert "40 of 40 pairs derained, none lost;" in table


def test_the_table_gives_gains_machine_and_commit():
    table = as_table(MEASUREMENT)
    assert "PSNR 22.50 dB in rain, 28.25 dB derained (gain +5.75 dB)" in table
    assert "SSIM 0.8000, 0.9500 (gain +0.1500)" in table
    assert "- machine: a machine" in table
    assert "- commit: abc1234" in table


def test_the_table_tells_what_stereo_matching_makes_of_it():
    lines = as_table(MEASUREMENT).splitlines()
    start = lines.index("| disparity | bad-3px % | end-point px | density % |")
    rows = lines[start : start + 5]
    assert len({len(line) for line in rows}) == 1, "the columns stand in line"
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows[2:]]
    assert cells == [
        ["rainy", "50.0", "5.25", "60.0"],
        ["derained", "25.0", "2.50", "80.0"],
        ["clean", "12.5", "1.00", "90.0"],
    ]
    assert "true disparity, mean of 5 pairs" in lines[start + 6]


def test_both_files_hold_the_measurement(tmp_path):
    write_report(tmp_path, MEASUREMENT)
    write_report(tmp_path, MEASUREMENT)
    assert as_table(MEASUREMENT) in (tmp_path / "latency.md").read_text()
    content = json.loads((tmp_path / "latency.json").read_text())
    assert content["stages_ms"]["age"]["p95"] == 51.0
    assert content["counters"]["replaced"] == 2
    assert content["quality"]["derained_psnr"] == 28.25
    assert content["matching"]["derained"]["bad"] == 0.25
    assert content["commit"] == "abc1234"
