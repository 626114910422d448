import pytest

pytest.importorskip("rclpy")

from apanet_ros.errors import NodeProcessError
from apanet_ros.node_process import node_process


def test_a_node_that_does_not_start_shows_its_last_words(tmp_path, ros_environment, monkeypatch):
    for name, value in ros_environment.items():
        monkeypatch.setenv(name, value)
    model = str(tmp_path / "no_such_model.safetensors")
    with (
        node_process({"model": model}, tmp_path / "node.log") as node,
        pytest.raises(NodeProcessError) as failure,
    ):
        node.wait_until(lambda: False, "start", patience_s=90)
    assert str(failure.value).startswith("The node ended before start.")
    assert "no_such_model.safetensors" in str(failure.value)
    assert "node.log" in str(failure.value)


def test_patience_has_an_end_and_the_node_goes_with_the_block(
    tmp_path, ros_environment, monkeypatch, small_model
):
    for name, value in ros_environment.items():
        monkeypatch.setenv(name, value)
    with node_process({"model": str(small_model)}, tmp_path / "node.log") as node:
        with pytest.raises(NodeProcessError, match=r"^No miracle within 1 s\."):
            node.wait_until(lambda: False, "miracle", patience_s=1)
        process = node._process
        assert process.poll() is None
    assert process.poll() is not None
