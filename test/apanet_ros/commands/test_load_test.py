from __future__ import annotations

import pytest

from apanet_ros.cli import main


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--load", "0"], "--load and --seconds take more than 0; --rate takes 0 or more."),
        (["--load", "3", "-1"], "--load and --seconds take more than 0"),
        (["--seconds", "0"], "--load and --seconds take more than 0"),
        (["--rate", "-1"], "--rate takes 0 or more."),
        (["--size", "large"], "A size is written HxW in pixels, as 376x1248; got 'large'."),
    ],
)
def test_what_makes_no_load_is_refused(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("rclpy")
    assert main(["load-test", *arguments]) == 2
    assert sentence in capsys.readouterr().err


def test_a_model_that_is_not_there_is_told_before_anything_starts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("rclpy")
    assert main(["load-test", "enormous"]) == 2
    assert "No weights 'enormous'" in capsys.readouterr().err
