from __future__ import annotations

import pytest

pytest.importorskip("onnxruntime")

from apanet_core.errors import CheckpointError, ConfigError
from apanet_core.evaluation.models import count_work, load_models


def test_a_shipped_model_is_counted() -> None:
    pytest.importorskip("torch")
    from apanet_core.weights import resolve_weights
    from apanet_core.weights.description import describe

    parameters, gmacs = count_work("tiny")

    assert parameters == describe(resolve_weights("tiny")).parameters
    assert gmacs is not None
    assert 0.1 < gmacs < 18


def test_an_exported_network_is_counted_like_its_weights(exported) -> None:
    assert count_work(str(exported.onnx)) == count_work(str(exported.weights)) != (None, None)


def test_models_are_named_as_they_were_given(data_folder) -> None:
    source = str(data_folder / "small.onnx")

    (method,) = load_models([source], "cpu", tiled=False)

    assert method.name == source
    assert method.learned
    assert "on cpu" in method.description


def test_weights_compute_in_the_precision_asked_for_and_files_in_their_own(exported) -> None:
    sources = [str(exported.weights), str(exported.onnx)]

    told = [method.description for method in load_models(sources, "cpu", False)]
    coarser = [
        method.description for method in load_models(sources, "cpu", False, precision="bfloat16")
    ]

    assert ["float32" in description for description in told] == [True, True]
    assert ["bfloat16" in description for description in coarser] == [True, False]


@pytest.mark.parametrize(("sources", "taken"), [(["a", "a"], []), (["b"], ["b"]), (["input"], [])])
def test_two_rows_of_one_name_are_refused(sources, taken) -> None:
    with pytest.raises(ConfigError, match=f"'{sources[-1]}' names two rows of the table"):
        load_models(sources, "cpu", False, taken)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(CheckpointError, match=r"No weights 'nothing\.onnx'"):
        load_models(["nothing.onnx"], "cpu", tiled=False)


def test_as_much_of_the_veil_goes_as_asked_for() -> None:
    pytest.importorskip("torch")
    import numpy as np

    picture = np.random.default_rng(0).integers(60, 200, (48, 64, 3), np.uint8)

    all_of_it, none = (
        load_models(["tiny"], "cpu", False, veil_removal=share)[0].apply((picture, picture))
        for share in (1.0, 0.0)
    )

    assert not np.array_equal(all_of_it[0], none[0])
