"""ONNX networks under onnxruntime: one thread, a bound on memory and on the time of a run. Loads no torch."""

import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import CallableError

MAX_ARENA_BYTES = 1_500_000_000  # of all that ONNX networks hold at once while they run
MAX_RUN_S = 60.0  # of one call


@lru_cache(maxsize=1)
def runtime() -> Any:
    """onnxruntime, with one bounded store of memory for all networks of this process."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    onnxruntime.disable_telemetry_events()
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    bound = onnxruntime.OrtArenaCfg({"max_mem": MAX_ARENA_BYTES, "arena_extend_strategy": 1})
    onnxruntime.create_and_register_allocator(memory, bound)
    return onnxruntime


class Session:
    """A network that is loaded. Safe to share between threads."""

    def __init__(self, data: bytes, name: str) -> None:
        library = runtime()
        options = library.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.add_session_config_entry("session.use_env_allocators", "1")
        self.name = name
        try:
            self._session = library.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its exceptions have no base of their own
            raise CallableError(f"{name} cannot be loaded: {reason(error)}") from error

    @property
    def inputs(self) -> dict[str, tuple[str, tuple[int | None, ...]]]:
        """Type ("tensor(float)", …) and shape of each input, None for a size that is free."""
        return {value.name: (value.type, _sizes(value.shape)) for value in self._session.get_inputs()}

    @property
    def outputs(self) -> dict[str, tuple[str, tuple[int | None, ...]]]:
        """The same of each output."""
        return {value.name: (value.type, _sizes(value.shape)) for value in self._session.get_outputs()}

    def run(
        self, feeds: Mapping[str, NDArray[Any]], names: Sequence[str], seconds: float = MAX_RUN_S
    ) -> list[NDArray[Any]]:
        """The outputs of these names. Raises CallableError where it fails, takes too long, or gives no numbers."""
        options = runtime().RunOptions()
        options.log_severity_level = 4
        watch = threading.Timer(seconds, setattr, (options, "terminate", True))
        watch.daemon = True
        watch.start()
        try:
            outputs: list[NDArray[Any]] = self._session.run(list(names), dict(feeds), options)
        except Exception as error:
            if options.terminate:
                raise CallableError(f"{self.name} took longer than {seconds:.0f} s, and was stopped.") from error
            shapes = ", ".join(str(value.shape) for value in feeds.values())
            raise CallableError(f"{self.name} failed on an input of shape {shapes}: {reason(error)}") from error
        finally:
            watch.cancel()
        for name, value in zip(names, outputs, strict=True):
            if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
                raise CallableError(f"{self.name} gives something that is no array of numbers as {name}.")
        return outputs


def reason(error: Exception) -> str:
    """What onnxruntime says, without the places in its own source."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    text = line.rsplit("Status Message: ", 1)[-1].split("[ONNXRuntimeError] : ")[-1]
    text = " ".join(word for word in text.split() if not word.startswith("/onnxruntime_src"))
    return text[:300]


def _sizes(shape: Sequence[Any]) -> tuple[int | None, ...]:
    return tuple(side if isinstance(side, int) else None for side in shape)
