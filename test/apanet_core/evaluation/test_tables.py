from __future__ import annotations

from apanet_core.evaluation.flicker import Flicker
from apanet_core.evaluation.paired import PairedRain
from apanet_core.evaluation.quality import Quality, StereoQuality
from apanet_core.evaluation.rain_removal import RainRemoval
from apanet_core.evaluation.tables import flicker_table, paired_table, rain_removal_table

QUALITY = Quality(input_psnr=25.126, output_psnr=31.5, input_ssim=0.8, output_ssim=0.79996)
STEREO = StereoQuality(
    clean_difference=4, input_difference=10, output_difference=4.2, input_bad=0.3, output_bad=0.15
)


def test_rain_removal_by_hand() -> None:
    found = RainRemoval({"light": QUALITY}, mean=QUALITY, clear_psnr=41.25)

    assert rain_removal_table(found).splitlines() == [
        "| severity | PSNR in | PSNR out | gain | SSIM in | SSIM out | gain |",
        "|---|---|---|---|---|---|---|",
        "| light | 25.13 | 31.50 | +6.37 | 0.8000 | 0.8000 | -0.0000 |",
        "| mean | 25.13 | 31.50 | +6.37 | 0.8000 | 0.8000 | -0.0000 |",
        "",
        "Rain-free pairs come back at 41.25 dB against themselves.",
    ]


def test_the_fit_of_the_views_follows_where_it_was_measured() -> None:
    found = RainRemoval({"light": QUALITY}, QUALITY, 41.25, {"light": STEREO}, STEREO)

    assert rain_removal_table(found).splitlines()[7:] == [
        "| severity | views differ, in | out | bad-3px in | out | fewer |",
        "|---|---|---|---|---|---|",
        "| light | ×2.50 | ×1.05 | 30.0% | 15.0% | 50.0% |",
        "| mean | ×2.50 | ×1.05 | 30.0% | 15.0% | 50.0% |",
    ]


def test_paired_rain_by_hand() -> None:
    assert paired_table(PairedRain(3, QUALITY)).splitlines() == [
        "| weather | PSNR in | PSNR out | gain | SSIM in | SSIM out | gain |",
        "|---|---|---|---|---|---|---|",
        "| rain | 25.13 | 31.50 | +6.37 | 0.8000 | 0.8000 | -0.0000 |",
    ]
    assert paired_table(PairedRain(3, QUALITY, STEREO)).splitlines()[4:] == [
        "| weather | views differ, in | out | bad-3px in | out | fewer |",
        "|---|---|---|---|---|---|",
        "| rain | ×2.50 | ×1.05 | 30.0% | 15.0% | 50.0% |",
    ]


def test_flicker_by_hand() -> None:
    found = Flicker(input=6.072, output=5.913, followed=0.5812, steps=59)

    assert flicker_table(found).splitlines() == [
        "| frames | flicker in | flicker out | change | followed |",
        "|---|---|---|---|---|",
        "| 60 | 6.07 | 5.91 | -0.16 | 58.1% |",
    ]
