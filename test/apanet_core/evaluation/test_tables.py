from __future__ import annotations

import dataclasses
import math

from apanet_core.evaluation.comparison import Comparison, Record
from apanet_core.evaluation.flicker import Flicker
from apanet_core.evaluation.method import Method, unchanged
from apanet_core.evaluation.quality import Quality, StereoQuality
from apanet_core.evaluation.rain_removal import RainRemoval
from apanet_core.evaluation.tables import (
    flicker_table,
    markdown,
    rain_removal_tables,
    summary_table,
    weather_table,
)

QUALITY = Quality(input_psnr=25.126, output_psnr=31.5, input_ssim=0.8, output_ssim=0.79996)
STEREO = StereoQuality(
    clean_difference=4, input_difference=10, output_difference=4.2, input_bad=0.3, output_bad=0.15
)


def model(name: str) -> Method:
    return Method(name, lambda *views: views, parameters=8_013_443, gmacs=17.984)


def comparison() -> Comparison:
    """Input and a model, in two weathers; the right view is a decibel worse."""
    records = [
        Record(method, trial, "a", weather, view, psnr - (view == "right"), psnr / 100, 0.25)
        for method, gain in (("input", 0), ("net", 6))
        for trial, (weather, rainy) in enumerate((("light", 30), ("heavy", 20)))
        for view in ("left", "right")
        for psnr in (rainy + gain,)
    ]
    return Comparison((unchanged(), model("net")), tuple(records))


def test_the_summary_has_a_row_a_method_in_the_form_of_the_papers() -> None:
    table = summary_table(comparison(), "ST-LPIPS")

    assert markdown(table).splitlines() == [
        "| method | parameters | GMACs | PSNR | SSIM | ST-LPIPS | PSNR left | SSIM left | "
        "ST-LPIPS left | PSNR right | SSIM right | ST-LPIPS right |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| input | – | – | 24.50 | 0.2500 | 0.2500 | 25.00 | 0.2500 | 0.2500 | 24.00 | 0.2500 | "
        "0.2500 |",
        "| net | 8,013,443 | 17.98 | 30.50 | 0.3100 | 0.2500 | 31.00 | 0.3100 | 0.2500 | 30.00 | "
        "0.3100 | 0.2500 |",
    ]


def test_what_was_not_measured_is_a_dash() -> None:
    found = Comparison((unchanged(),), (Record("input", 0, "a", "rain", "picture", 20, 0.5),))

    assert summary_table(found).rows == [("input", "–", "–", "20.00", "0.5000", "–")]


def test_luma_stands_beside_rgb_once_a_row() -> None:
    rows = tuple(
        Record("input", 0, "a", "rain", view, 20, 0.5, psnr_y=21.4, ssim_y=0.6)
        for view in ("left", "right")
    )

    table = summary_table(Comparison((unchanged(),), rows))

    assert table.header[3:] == (
        *("PSNR", "SSIM", "PSNR-Y", "SSIM-Y", "LPIPS"),
        *("PSNR left", "SSIM left", "PSNR right", "SSIM right"),
    )
    assert table.rows[0][5:8] == ("21.40", "0.6000", "–")


def test_what_luma_gains() -> None:
    quality = Quality(
        *(20, 21, 0.5, 0.6),
        input_psnr_y=21.4,
        output_psnr_y=22.5,
        input_ssim_y=0.6,
        output_ssim_y=0.7,
    )
    found = RainRemoval({"rain": quality}, mean=quality, clear_psnr=math.nan)

    header, _, row = rain_removal_tables(found).splitlines()
    assert header.endswith("| PSNR-Y in | PSNR-Y out | gain | SSIM-Y in | SSIM-Y out | gain |")
    assert row.endswith("| 21.40 | 22.50 | +1.10 | 0.6000 | 0.7000 | +0.1000 |")


def test_one_measure_by_weather() -> None:
    table = weather_table(comparison(), "psnr")

    assert table.header == ("method", "light", "heavy", "mean")
    assert table.rows == [
        ("input", "29.50", "19.50", "24.50"),
        ("net", "35.50", "25.50", "30.50"),
    ]


def test_rain_removal_by_hand() -> None:
    found = RainRemoval({"light": QUALITY, "heavy": QUALITY}, mean=QUALITY, clear_psnr=41.25)

    assert rain_removal_tables(found).splitlines() == [
        "| severity | PSNR in | PSNR out | gain | SSIM in | SSIM out | gain |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| light | 25.13 | 31.50 | +6.37 | 0.8000 | 0.8000 | -0.0000 |",
        "| heavy | 25.13 | 31.50 | +6.37 | 0.8000 | 0.8000 | -0.0000 |",
        "| mean | 25.13 | 31.50 | +6.37 | 0.8000 | 0.8000 | -0.0000 |",
        "",
        "Rain-free pairs come back at 41.25 dB against themselves.",
    ]


def test_one_weather_needs_no_mean() -> None:
    found = RainRemoval({"rain": QUALITY}, mean=QUALITY, clear_psnr=math.nan)

    assert [line.split()[1] for line in rain_removal_tables(found).splitlines()] == [
        "weather",
        "---",
        "rain",
    ]


def test_of_lpips_less_is_gained() -> None:
    quality = Quality(20, 21, 0.5, 0.6, 0.3, 0.1)
    found = RainRemoval({"rain": quality}, mean=quality, clear_psnr=math.nan)

    header, _, row = rain_removal_tables(found, "ST-LPIPS").splitlines()
    assert header.endswith("| ST-LPIPS in | ST-LPIPS out | gain |")
    assert row.endswith("| 0.3000 | 0.1000 | +0.2000 |")


def test_the_fit_of_the_views_follows_where_it_was_measured() -> None:
    found = RainRemoval({"rain": QUALITY}, QUALITY, 41.25, {"rain": STEREO}, STEREO)

    assert rain_removal_tables(found).splitlines()[6:] == [
        "| weather | views differ, in | out | bad-3px in | out | fewer |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        "| rain | ×2.50 | ×1.05 | 30.0% | 15.0% | 50.0% |",
    ]


def test_flicker_by_hand() -> None:
    found = Flicker(
        input=6.072, output=5.913, change_error=0.024, contrast=1.031, followed=0.5812, steps=59
    )

    assert markdown(flicker_table(found)).splitlines() == [
        "| frames | flicker in | flicker out | change | contrast | followed |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        "| 60 | 6.07 | 5.91 | -0.16 ± 0.02 | ×1.03 | 58.1% |",
    ]
    single = dataclasses.replace(found, change_error=math.nan, steps=1)
    assert "| -0.16 |" in markdown(flicker_table(single))
