from __future__ import annotations

import argparse

import pytest

from apanet_core.number_arguments import real_number, whole_number


def test_the_bounds_of_whole_numbers_are_taken() -> None:
    assert whole_number(0)("0") == 0
    assert whole_number(1)("1" + "0" * 30) == 10**30
    assert [whole_number(1, 100)(text) for text in ("1", "100")] == [1, 100]


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "", "1e3", "nan", "9" * 5000])
def test_what_is_no_whole_number_from_0_to_1000_is_refused_as_it_was_given(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as error:
        whole_number(0, 1000)(text)

    assert str(error.value) == f"takes a whole number from 0 to 1000, got {text}"


def test_the_option_of_a_whole_number_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser(prog="apanet rain")
    parser.add_argument("--seed", type=whole_number(0))

    with pytest.raises(SystemExit):
        parser.parse_args(["--seed", "-1"])

    assert capsys.readouterr().err.endswith(
        "apanet rain: error: argument --seed: takes a whole number from 0 up, got -1\n"
    )


def test_the_bounds_of_real_numbers_are_taken() -> None:
    assert [real_number(-0.5, 1000)(text) for text in ("-0.5", "1e3", "7")] == [-0.5, 1000.0, 7.0]


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e400", "0.0099", "1000.1", "many", ""])
def test_what_is_no_number_from_a_hundredth_to_1000_is_refused_as_it_was_given(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as error:
        real_number(0.01, 1000)(text)

    assert str(error.value) == f"takes a number from 0.01 to 1000, got {text}"


def test_the_option_of_a_real_number_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser(prog="apanet derain")
    parser.add_argument("--slop", type=real_number(0, 1000))

    with pytest.raises(SystemExit):
        parser.parse_args(["--slop", "inf"])

    assert capsys.readouterr().err.endswith(
        "apanet derain: error: argument --slop: takes a number from 0 to 1000, got inf\n"
    )
