from __future__ import annotations

import argparse

import pytest

from apanet_core.real_number import real_number


def test_the_bounds_themselves_are_taken() -> None:
    assert [real_number(-0.5, 1000)(text) for text in ("-0.5", "1e3", "7")] == [-0.5, 1000.0, 7.0]


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e400", "0.0099", "1000.1", "many", ""])
def test_what_is_no_number_from_a_hundredth_to_1000_is_refused_as_it_was_given(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as error:
        real_number(0.01, 1000)(text)

    assert str(error.value) == f"takes a number from 0.01 to 1000, got {text}"


def test_the_option_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser(prog="apanet derain")
    parser.add_argument("--slop", type=real_number(0, 1000))

    with pytest.raises(SystemExit):
        parser.parse_args(["--slop", "inf"])

    assert capsys.readouterr().err.endswith(
        "apanet derain: error: argument --slop: takes a number from 0 to 1000, got inf\n"
    )
