from __future__ import annotations

import csv
import json

import pytest

from apanet_core.evaluation.figure_files import write_csv, write_json


def test_the_table_holds_every_view(compared, tmp_path) -> None:
    write_csv(compared, tmp_path / "figures.csv")

    with (tmp_path / "figures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    # Two scenes, dry and in five severities, two views, four methods.
    assert len(rows) == 2 * 6 * 2 * 4 == len(compared.records)
    for row, record in zip(rows, compared.records, strict=True):
        assert (row["method"], row["view"], row["name"]) == (
            record.method,
            record.view,
            record.name,
        )
        assert float(row["psnr"]) == record.psnr
        assert float(row["ssim"]) == record.ssim
        assert float(row["psnr_y"]) == record.psnr_y
        assert float(row["ssim_y"]) == record.ssim_y
        assert row["lpips"] == ""


def test_the_json_holds_means_as_well(compared, protocol, tmp_path) -> None:
    write_json(compared, protocol, tmp_path / "figures.json")

    content = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert content["protocol"]["seed"] == 3
    assert [method["gmacs"] for method in content["methods"]] == [None, 0.5, 5, None]
    means = {(row["method"], row["weather"], row["view"]): row for row in content["means"]}
    assert len(means) == 4 * (1 + 5 + 1) * 3
    assert means["net", None, None]["psnr"] == pytest.approx(compared.mean("net", "psnr"))
    assert means["net", "heavy", "right"]["ssim"] == pytest.approx(
        compared.mean("net", "ssim", "heavy", "right")
    )
    assert means["other", "dry", None]["psnr"] == 60
    assert means["net", None, None]["lpips"] is None
    assert "cameras" not in content
    assert len(content["figures"]) == len(compared.records)
    assert len(content["fits"]) == 2 * 5 * 4
    assert len(content["worse"]) == len(compared.worse) > 0
    assert {row["method"] for row in content["worse"]} == {"dark"}


def test_the_json_holds_the_figures_of_sections(compared, protocol, section, tmp_path) -> None:
    write_json(compared, protocol, tmp_path / "figures.json", [section])

    content = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert content["cameras"] == [
        {"camera": "grey", "gain": 1.0},
        {"camera": "<b>", "gain": None},
    ]
