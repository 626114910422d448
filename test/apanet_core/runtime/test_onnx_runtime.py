"""Why ONNX Runtime does not load, told."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from apanet_core.errors import BackendError
from apanet_core.runtime import onnx_runtime
from apanet_core.runtime.onnx_runtime import import_onnx_runtime


@pytest.fixture
def install(monkeypatch, tmp_path):
    """Install a package of that name and version whose import runs a text."""

    def install(version: str, code: str, package: str = "onnxruntime") -> None:
        (tmp_path / "onnxruntime").mkdir()
        (tmp_path / "onnxruntime" / "__init__.py").write_text(code)
        about = tmp_path / f"{package.replace('-', '_')}-{version}.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(onnx_runtime, "_PACKAGES", (package,))
        for name in [name for name in sys.modules if name.split(".")[0] == "onnxruntime"]:
            monkeypatch.delitem(sys.modules, name)

    return install


@pytest.mark.parametrize("package", ["onnxruntime", "onnxruntime-gpu"])
def test_one_built_for_numpy_1_is_called_that(install, monkeypatch, package) -> None:
    install("1.18.1", "raise ImportError", package)
    monkeypatch.setattr(np, "__version__", "2.1.0")

    with pytest.raises(BackendError) as refused:
        import_onnx_runtime()

    assert str(refused.value) == (
        "ONNX Runtime 1.18.1 was built for NumPy 1 and does not load with NumPy 2.1.0: "
        "pip install 'onnxruntime>=1.19', or 'numpy<2'."
    )


def test_with_numpy_1_it_is_taken(install, monkeypatch) -> None:
    install("1.18.1", "works = True")
    monkeypatch.setattr(np, "__version__", "1.26.4")

    assert import_onnx_runtime().works


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "raise ImportError('libcudart.so.12: cannot open\\nmore')",
            "libcudart.so.12: cannot open",
        ),
        ("raise ImportError", "without saying why"),
        ("import nowhere_at_all", "No module named 'nowhere_at_all'"),
    ],
)
def test_what_else_keeps_it_from_loading_is_told(install, code, reason) -> None:
    install("1.22.0", code)

    with pytest.raises(BackendError) as refused:
        import_onnx_runtime()

    assert f"ONNX Runtime 1.22.0 is installed and does not load ({reason}): " in str(refused.value)


def test_what_is_not_installed_is_called_that(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setattr(onnx_runtime, "_PACKAGES", ())

    with pytest.raises(BackendError, match=r"^ONNX Runtime is not installed: pip install 'apanet"):
        import_onnx_runtime()
