from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest

from apanet_core.number_arguments import real_number, whole_number


def test_the_bounds_of_whole_numbers_are_taken() -> None:
    assert whole_number(0)("0") == 0
    assert whole_number(1)("1" + "0" * 30) == 10**30
    assert [whole_number(1, 100)(text) for text in ("1", "100")] == [1, 100]


def test_the_bounds_of_real_numbers_are_taken() -> None:
    assert [real_number(-0.5, 1000)(text) for text in ("-0.5", "1e3", "7")] == [-0.5, 1000.0, 7.0]


@pytest.mark.parametrize(
    ("convert", "wanted", "texts"),
    [
        (
            whole_number(0, 1000),
            "a whole number from 0 to 1000",
            ["-1", "1.5", "many", "", "1e3", "nan", "9" * 5000],
        ),
        (
            real_number(0.01, 1000),
            "a number from 0.01 to 1000",
            ["nan", "inf", "-inf", "1e400", "0.0099", "1000.1", "many", ""],
        ),
    ],
)
def test_what_is_no_number_within_the_bounds_is_refused_as_it_was_given(
    convert: Callable[[str], float], wanted: str, texts: list[str]
) -> None:
    for text in texts:
        with pytest.raises(argparse.ArgumentTypeError) as error:
            convert(text)
        assert str(error.value) == f"takes {wanted}, got {text}"


@pytest.mark.parametrize(
    ("convert", "text", "message"),
    [
        (whole_number(0), "-1", "takes a whole number from 0 up, got -1"),
        (real_number(0, 1000), "inf", "takes a number from 0 to 1000, got inf"),
    ],
)
def test_the_option_is_named(
    convert: Callable[[str], float], text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser(prog="apanet rain")
    parser.add_argument("--rate", type=convert)

    with pytest.raises(SystemExit):
        parser.parse_args(["--rate", text])

    assert capsys.readouterr().err.endswith(f"apanet rain: error: argument --rate: {message}\n")
