"""The real scene and the small networks that several rooms are tested with."""

from __future__ import annotations

import argparse
import io
import os
import shutil
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WINDOWS = {"phone": (390, 844), "desk": (1280, 800)}


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """`test/data`."""
    return Path(__file__).resolve().parent.parent / "data"


@pytest.fixture(scope="session")
def motorcycle():
    """The Middlebury motorcycle: left, right uint8 RGB [500,741,3], disparity float32 [500,741]."""
    data = pytest.importorskip("skimage.data")
    left, right, disparity = data.stereo_motorcycle()
    return left, right, disparity.astype(np.float32)


@pytest.fixture(scope="session")
def make_scenes(motorcycle):
    """Return so many clean scenes of a size, cut from the motorcycle at different rows."""
    from apanet_core.data.scene import Scene
    from apanet_core.imaging.disparity import fill_disparity

    left, right, disparity = motorcycle

    def make(count: int, height: int, width: int) -> list[Scene]:
        windows = [
            np.s_[60 + 90 * i : 60 + 90 * i + height, 250 : 250 + width] for i in range(count)
        ]
        return [
            Scene(left[cut], right[cut], fill_disparity(disparity[cut]).astype(np.float16))
            for cut in windows
        ]

    return make


@pytest.fixture(scope="session")
def make_network():
    """Return a seeded network in evaluation mode whose every branch counts."""
    torch = pytest.importorskip("torch")
    from apanet_core.network.apanet import APANet

    def make(config, seed: int = 0) -> APANet:
        torch.manual_seed(seed)
        model = APANet(config).eval()
        for name, parameter in model.named_parameters():
            # Zero at initialisation, which would leave both attentions out of every result.
            if name.endswith(("beta", "gamma")):
                torch.nn.init.normal_(parameter, std=0.3)
            elif any(part in name for part in ("film", "gate", "haze_lift")):
                torch.nn.init.normal_(parameter, std=0.05)
        return model

    return make


@pytest.fixture(scope="session")
def small_config():
    """Two levels of one block each; images are padded to multiples of 2."""
    from apanet_core.network.config import ApanetConfig

    return ApanetConfig(width=8, blocks=(1, 1), memory_size=(4, 4), parallax=(True, True))


@pytest.fixture(scope="session")
def largest_tensor():
    """Return how many numbers the largest tensor holds that any operation of a call returns."""
    torch = pytest.importorskip("torch")
    from torch.utils._python_dispatch import TorchDispatchMode

    class LargestTensor(TorchDispatchMode):
        elements = 0

        def __torch_dispatch__(self, operation, types, arguments=(), keywords=None):
            result = operation(*arguments, **(keywords or {}))
            returned = result if isinstance(result, (tuple, list)) else [result]
            sizes = [tensor.numel() for tensor in returned if isinstance(tensor, torch.Tensor)]
            self.elements = max(self.elements, *sizes, 0)
            return result

    def measure(run) -> int:
        with LargestTensor() as largest:
            run()
        return largest.elements

    return measure


class Exported(NamedTuple):
    """What `apanet export` made of a small network."""

    weights: Path
    onnx: Path
    printed: str


@pytest.fixture(scope="session")
def exported(make_network, tmp_path_factory) -> Exported:
    """A small network, exported by the command. Made once: an export takes half a minute."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    from apanet_core.commands import export
    from apanet_core.network.checkpoint import save_model
    from apanet_core.network.config import ApanetConfig

    folder = tmp_path_factory.mktemp("exported")
    config = ApanetConfig(
        width=4,
        blocks=(1, 1),
        memory_size=(4, 4),
        stem_fold=2,
        parallax=(False, True),
        standardise=True,
        parallax_gate=True,
        haze=True,
    )
    save_model(make_network(config, seed=4), folder / "small.safetensors")
    parser = argparse.ArgumentParser()
    export.add_arguments(parser)
    arguments = parser.parse_args(
        [str(folder / "small.safetensors"), "-o", str(folder / "small.onnx")]
    )
    with redirect_stdout(io.StringIO()) as printed:
        assert export.run(arguments) == 0
    return Exported(folder / "small.safetensors", folder / "small.onnx", printed.getvalue())


# Not for the session: while it lasts, no other test of this process can run an event loop.
@pytest.fixture(scope="module")
def browser():
    """Chromium without a window."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        pytest.skip("could not find the program 'chromium': apt-get install chromium")
    as_root = [] if os.geteuid() else ["--no-sandbox"]
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=as_root)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """Open a file in a window: a phone's or a desk's, light or dark.

    The test fails where the page complains on its console or asks for the network.
    """
    complaints: list[str] = []
    contexts = []

    def open_in(window: str, path: Path, scheme: str = "light"):
        width, height = WINDOWS[window]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            device_scale_factor=2 if window == "phone" else 1,
            has_touch=window == "phone",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: _note_request(request.url, path, complaints))
        page.goto(path.as_uri())
        return page

    yield open_in
    for context in contexts:
        context.close()
    assert complaints == []


def _note_request(url: str, path: Path, complaints: list[str]) -> None:
    if not url.startswith("data:") and url.partition("#")[0] != path.as_uri():
        complaints.append(f"asks for {url}")
