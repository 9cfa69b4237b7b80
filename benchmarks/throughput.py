"""Pictures encoded and decoded in a second, against a bare torch loop over the same modules.

`aeviz.load(...)` is called as a notebook does, with tensors that lie on the device already; `Explorer` as a view does,
with numpy arrays, so that copies to and from the device are part of its figure. The bare loop calls `model.encoder`,
`model.head` and `model.decoder` under `torch.inference_mode()` with tensors on the device. The three take turns call
by call: pictures/s is the batch size over the median time of a call, a ratio the median over the turns. The CPU is
always measured, CUDA where there is one.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from _common import ratio, report

import aeviz
from aeviz.device import describe
from aeviz.latent.explorer import Explorer
from aeviz.model.autoencoder import Autoencoder

SIZES = (1, 64, 1024)
ROUNDS = 5  # at the least, however long a call takes


def bare_encode(model: Autoencoder, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    with torch.inference_mode():
        mean, log_std = model.head(model.encoder(x)).chunk(2, dim=1)
        return mean, log_std.exp()


def bare_decode(model: Autoencoder, z: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        pictures: torch.Tensor = model.decoder(z).sigmoid()
        return pictures


def in_turns(calls: dict[str, Callable[[], object]], device: torch.device, seconds: float) -> dict[str, list[float]]:
    """Seconds of each call of each, after two turns that do not count."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    until = time.perf_counter() + seconds
    rounds = 0
    while rounds < ROUNDS + 2 or time.perf_counter() < until:
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            times[name].append(time.perf_counter() - began)
        rounds += 1
    return {name: values[2:] for name, values in times.items()}


def speed(size: int, took: list[float]) -> int:
    return round(size / statistics.median(took))


def paired(ours: list[float], bare: list[float]) -> float | None:
    """The speed of one as a multiple of the other's: the median over turns in which both had the same machine."""
    return ratio(statistics.median(b / a for a, b in zip(ours, bare, strict=True)), 1)


def measure(model: Autoencoder, items: np.ndarray, size: int, seconds: float) -> dict[str, dict[str, float | None]]:
    explorer = Explorer(model)
    pictures = np.ascontiguousarray(np.resize(items, (size, *items.shape[1:])))
    codes = explorer.encode(pictures)[0]
    x, z = (torch.from_numpy(array.copy()).to(model.device) for array in (pictures, codes))
    encode = {
        "load": lambda: model.encode(x),
        "Explorer": lambda: explorer.encode(pictures),
        "bare": lambda: bare_encode(model, x),
    }
    decode = {
        "load": lambda: model.decode(z),
        "Explorer": lambda: explorer.decode(codes),
        "bare": lambda: bare_decode(model, z),
    }
    found = {}
    for name, calls in (("encode", encode), ("decode", decode)):
        took = in_turns(calls, model.device, seconds)
        found[name] = {
            "aeviz.load, pictures/s": speed(size, took["load"]),
            "Explorer, pictures/s": speed(size, took["Explorer"]),
            "bare torch, pictures/s": speed(size, took["bare"]),
            "ratio, aeviz.load / bare": paired(took["load"], took["bare"]),
            "ratio, Explorer / bare": paired(took["Explorer"], took["bare"]),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="mnist-vae", help="a checkpoint with a Gaussian code")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each direction and batch size")
    options = parser.parse_args()
    results = {}
    for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        model = aeviz.load(options.model, device=device)
        if model.config.code != "gaussian":
            parser.error(f"{options.model} has a point code")
        items = aeviz.load_dataset(model.config.dataset).items[: max(SIZES)]
        label = (
            f"{describe(model.device)}, {torch.get_num_threads()} threads"
            if device == "cpu"
            else describe(model.device)
        )
        results[label] = {f"batch {size}": measure(model, items, size, options.seconds) for size in SIZES}
    report("throughput", {"model": options.model, "torch": torch.__version__, "devices": results})


if __name__ == "__main__":
    main()
