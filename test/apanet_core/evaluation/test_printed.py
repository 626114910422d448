from __future__ import annotations

from apanet_core.evaluation.perceptual import PerceptualMeasure
from apanet_core.evaluation.printed import printed_comparison

NONE = PerceptualMeasure("LPIPS", None, "LPIPS is empty: a test has none.")


def test_models_have_tables_and_lists_and_baselines_a_sentence(compared) -> None:
    printed = printed_comparison(compared, NONE, "2 pairs")

    parts = printed.split("\n\n")
    assert parts[0] == "a net; another, 2 pairs"
    assert parts[1].startswith("| method | parameters | GMACs | PSNR | SSIM | PSNR-Y | SSIM-Y |")
    assert parts[2] == "LPIPS is empty: a test has none."
    assert [part for part in parts if part.endswith(":")] == ["net:", "other:"]
    assert "net: 0 of 20 views came out worse than they went in by over 0.1 dB." in parts
    # The filter that darkens is no model, so its views are counted, not named.
    assert parts[-1].startswith(f"dark: {len(compared.worse)} of 20 views came out worse")
    assert "\n- " not in printed
