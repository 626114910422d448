"""Inference with ONNX Runtime, for machines without torch."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from apanet_core.errors import BackendError, CheckpointError, ConfigError
from apanet_core.imaging.types import AnyPicture, Picture
from apanet_core.imaging.white_level import full_scale
from apanet_core.network.config import CONFIG_KEY, PRECISION_KEY, ApanetConfig
from apanet_core.runtime.announcement import announced
from apanet_core.runtime.backend import Mark, unmarked
from apanet_core.runtime.engine_cache import EngineFolder, EngineKey, cache_folder
from apanet_core.runtime.gpu_identity import gpu_name, tensorrt_version
from apanet_core.runtime.memory_estimate import working_bytes
from apanet_core.runtime.onnx_runtime import import_onnx_runtime
from apanet_core.runtime.options import AUTO, RuntimeOptions, usable_threads
from apanet_core.runtime.providers import NAMES, Choice, choose_provider
from apanet_core.runtime.waiting_threads import waiting_threads_sleep
from apanet_core.weights.hashes import sha256
from apanet_core.weights.impostors import impostor

INPUTS = ("left", "right")
OUTPUTS = ("derained_left", "derained_right")

ARENA = 1.5
"""What ONNX Runtime, which keeps freed memory for later, takes over torch."""

_log = logging.getLogger(__name__)


class OnnxBackend:
    """Run a network that `apanet export` wrote.

    Args:
        path: the `.onnx` file.
        options: how to run it; the precision is the file's own.

    Raises:
        BackendError: ONNX Runtime is not installed or does not load, it cannot use the device or
            provider, or the file was exported in another precision.
        CheckpointError: the file is no exported APANet.
    """

    separates_veil = False

    def __init__(self, path: Path, options: RuntimeOptions) -> None:
        self._path, self._threads = path, options.threads
        if found := impostor(path):
            raise CheckpointError(f"Cannot load {path}: {found}.")
        self._runtime = import_onnx_runtime()
        available = self._runtime.get_available_providers()
        self._choice = choose_provider(options.provider, options.device, available)
        self._session = self._open(_plain_providers(self._choice))
        self._settle_for_what_loaded()
        self.device = self._choice.device
        metadata = self._session.get_modelmeta().custom_metadata_map
        self._config = _config(path, metadata)
        self.multiple = self._config.multiple
        _check_tensors(path, self._session)
        self._precision = metadata.get(PRECISION_KEY, "float32")
        if options.precision not in (AUTO, self._precision):
            raise BackendError(
                f"{path} computes in {self._precision}, not in {options.precision}: export it "
                f"with --precision {options.precision}."
            )
        self._built: dict[tuple[int, int], Any] = {}
        self.description = (
            f"ONNX Runtime {self._runtime.__version__}, {self._choice.provider}, {self._precision}"
        )

    def derain(
        self,
        left: AnyPicture,
        right: AnyPicture,
        mark: Mark = unmarked,
        veil_removal: float = 1.0,  # noqa: ARG002 - a file removes all of it
    ) -> tuple[AnyPicture, AnyPicture]:
        """Derain RGB `[H,W,3]` views; see `Backend.derain`."""
        feed = dict(zip(INPUTS, (_to_float(left), _to_float(right)), strict=True))
        if self._choice.provider == "cpu":
            mark("upload")
            derained = self._session.run(OUTPUTS, feed)
            mark("network")
        else:
            derained = self._run_on_gpu(feed, mark)
        left, right = (_to_picture(view, left) for view in derained)
        mark("download")
        return left, right

    def working_bytes(self, height: int, width: int) -> int:
        """Estimate the memory that a pair of this size adds on the device."""
        size = 2 if self._precision == "float16" and self._choice.provider != "cpu" else 4
        return round(ARENA * working_bytes(self._config, height, width, False, size))

    def _run_on_gpu(self, feed: Mapping[str, NDArray[np.float32]], mark: Mark) -> Any:
        """Copy in, compute and copy out as three steps, of which ONNX Runtime would make one."""
        height, width = feed[INPUTS[0]].shape[2:]
        session = self._session_for(height, width)
        place = ("cuda", self._choice.number)
        binding = session.io_binding()
        for name, view in feed.items():
            value = self._runtime.OrtValue.ortvalue_from_numpy(view, *place)
            binding.bind_ortvalue_input(name, value)
        for name in OUTPUTS:
            binding.bind_output(name, *place)
        mark("upload")
        session.run_with_iobinding(binding)
        mark("network")
        return binding.copy_outputs_to_cpu()

    def _session_for(self, height: int, width: int) -> Any:
        """Return the session of a size: TensorRT's engines are built for one each."""
        if self._choice.provider != "tensorrt":
            return self._session
        if (height, width) not in self._built:
            self._built[height, width] = self._build(height, width)
        return self._built[height, width]

    def _build(self, height: int, width: int) -> Any:
        root = cache_folder() / "tensorrt"
        key = EngineKey(
            model=sha256(self._path),
            precision=self._precision,
            height=height,
            width=width,
            runtime=f"ONNX Runtime {self._runtime.__version__}, TensorRT {tensorrt_version()}",
            gpu=gpu_name(self._choice.number),
        )
        engines = EngineFolder(root, key)
        building = f"Building the TensorRT engine of {self._path.name} for {width} x {height}"
        with nullcontext() if engines.ready else announced(building):
            options = _tensorrt_options(self._choice, key, engines.path, root)
            session = self._open(
                [("TensorrtExecutionProvider", options), *_fallbacks(self._choice)]
            )
            # Parts of the graph are built when the first pair of a size comes.
            nothing = np.zeros((1, 3, height, width), np.float32)
            session.run(OUTPUTS, dict.fromkeys(INPUTS, nothing))
        if not engines.ready:
            engines.note()
        return session

    def _open(self, providers: list[Any]) -> Any:
        settings = self._runtime.SessionOptions()
        settings.intra_op_num_threads = usable_threads(self._threads)
        # Between pairs the cores belong to the rest of the process.
        settings.add_session_config_entry("session.force_spinning_stop", "1")
        if waiting_threads_sleep():
            settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return self._runtime.InferenceSession(self._path, settings, providers=providers)
        # ONNX Runtime raises classes of its own that share no base but Exception.
        except Exception as error:
            first_line = str(error).split("\n", 1)[0]
            raise CheckpointError(f"Cannot load {self._path}: {first_line}.") from error

    def _settle_for_what_loaded(self) -> None:
        """ONNX Runtime takes the CPU, with a line in its own log, where a GPU's libraries fail."""
        wanted = NAMES[self._choice.provider]
        if wanted in self._session.get_providers():
            return
        failure = f"ONNX Runtime could not load {wanted}; see its message above"
        if self._choice.certain:
            raise BackendError(f"{failure}, or choose the device cpu.")
        _log.warning("%s. The CPU computes instead.", failure)
        self._choice = Choice("cpu", 0, certain=False)


def _plain_providers(choice: Choice) -> list[Any]:
    """Return what to open a file with before any picture's size is known."""
    if choice.provider != "tensorrt":
        return _fallbacks(choice)
    # Only to see whether TensorRT loads; no part of the graph is small enough for it.
    options = {"device_id": str(choice.number), "trt_min_subgraph_size": "1000000"}
    return [(NAMES["tensorrt"], options), *_fallbacks(choice)]


def _fallbacks(choice: Choice) -> list[Any]:
    """Return the providers for what TensorRT does not take, best first."""
    cpu = NAMES["cpu"]
    if choice.provider == "cpu":
        return [cpu]
    return [(NAMES["cuda"], {"device_id": str(choice.number)}), cpu]


def _tensorrt_options(choice: Choice, key: EngineKey, engines: Path, root: Path) -> dict[str, str]:
    shapes = ",".join(f"{name}:1x3x{key.height}x{key.width}" for name in INPUTS)
    # Shared by sizes, for most layers recur; TensorRT itself refuses one of another GPU or version.
    timing = root / "timing"
    timing.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "device_id": str(choice.number),
        "trt_fp16_enable": "1" if key.precision == "float16" else "0",
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": str(engines),
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": str(timing),
        **{f"trt_profile_{bound}_shapes": shapes for bound in ("min", "opt", "max")},
    }


def _config(path: Path, metadata: Mapping[str, str]) -> ApanetConfig:
    if CONFIG_KEY not in metadata:
        raise CheckpointError(
            f"Cannot load {path}: it is no exported APANet; write one with `apanet export`."
        )
    try:
        return ApanetConfig.from_json(metadata[CONFIG_KEY])
    except ConfigError as error:
        raise CheckpointError(f"Cannot load {path}: {error}") from error


def _check_tensors(path: Path, session: Any) -> None:
    """Refuse a graph whose inputs and outputs are not those that `apanet export` writes."""
    for kind, names, found in (
        ("input", INPUTS, session.get_inputs()),
        ("output", OUTPUTS, session.get_outputs()),
    ):
        tensors = {tensor.name: tensor for tensor in found}
        for name in sorted(set(names) ^ set(tensors)):
            wrong = "is missing" if name in names else "is unknown"
            raise CheckpointError(f"Cannot load {path}: its {kind} {name} {wrong}; export it anew.")
        for name in names:
            if tensors[name].type != "tensor(float)":
                raise CheckpointError(
                    f"Cannot load {path}: its {kind} {name} is a {tensors[name].type}, not a "
                    "tensor(float); export it anew."
                )


def _to_float(image: Picture) -> NDArray[np.float32]:
    planes = np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)
    planes /= full_scale(image)
    return planes


def _to_picture(image: NDArray[np.float32], like: AnyPicture) -> AnyPicture:
    pixels = np.rint(image[0].clip(0, 1) * full_scale(like)).astype(like.dtype)
    return cast("AnyPicture", np.ascontiguousarray(pixels.transpose(1, 2, 0)))
