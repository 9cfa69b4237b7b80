"""The engine of the browser in Chromium, against torch on one thread: a decode, a plane of tiles, many encodings.

One decode is timed on the page itself, as a hand that moves a slider would have it; the plane and the encodings are
timed in a worker, from the question to the last slice of its answer. The films of Decode's tracks are timed there too,
and as the strip that the server would make of them. Torch decodes the same codes in the same run: one
at a time, and all of the plane and all items at once, as the server would.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import numpy as np
from _common import ROOT, browser, ratio, report, summary

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from playwright.sync_api import Page

MODELS = ("mnist-vae", "mnist-vae-2d", "mnist-vae-50d", "emoji-vae", "ecg-ae", "ecg-ae-lstm", "names-vae")
SIDE = 15  # tiles of the plane, each way
KNOBS, TILES = 8, 13  # of the films of Decode's tracks
PAGE = b"<!doctype html><meta charset=utf-8><title>engine</title>"
OPEN = """async (name) => {
  const [{ open }, { Client }] = await Promise.all(
    ["engine", "jobs"].map((file) => import(`/aeviz/parts/js/engine/${file}.js`)));
  const read = async (file) => (await fetch(`/models/${name}/${file}`)).arrayBuffer();
  const config = JSON.parse(new TextDecoder().decode(await read("config.json")));
  const weights = new Uint8Array(await read("model.safetensors"));
  const before = performance.now();
  const model = open(config, weights);
  const opening = performance.now() - before;
  const client = new Client((receive) => {
    const worker = new Worker("/aeviz/parts/js/engine/worker.js", { type: "module" });
    worker.onmessage = (event) => receive(event.data);
    return (message) => worker.postMessage(message);
  });
  client.open("model", config, weights);
  globalThis.bench = { model, client };
  return opening;
}"""
ONE = """([codes, d, rounds]) => {
  const rows = Float32Array.from(codes);
  const times = [];
  for (let i = 0; i < rounds; i++) {
    const code = rows.subarray((i * d) % rows.length, ((i * d) % rows.length) + d);
    const before = performance.now();
    bench.model.decode(code);
    times.push(performance.now() - before);
  }
  return times;
}"""
MANY = """([kind, count, size]) => new Promise((done, fail) => {
  const rows = Float32Array.from({ length: count * size }, () => Math.random());
  const before = performance.now();
  let first = 0;
  bench.client.run("bench", { model: "model", kind, rows }, (slice) => {
    first ||= performance.now() - before;
    if (slice.done) done([first, performance.now() - before]);
  }, fail);
})"""


class Quiet(SimpleHTTPRequestHandler):
    """The files of the project, and an empty page."""

    def do_GET(self) -> None:
        if self.path != "/":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def files() -> Iterator[str]:
    """The address of the project's files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(ROOT))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def timed(act: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each round, of which there is one more to warm up."""
    times = []
    for _ in range(rounds + 1):
        before = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - before))
    return times[1:]


def measured(page: "Page", name: str, rounds: int, items: int) -> dict[str, Any]:
    """A model's figures in the browser and by torch, in milliseconds."""
    import aeviz
    from aeviz.latent.explorer import Explorer
    from aeviz.parts.sheets import strip

    network = aeviz.load(name, device="cpu")
    explorer, size = Explorer(network), int(np.prod(network.config.shape))
    codes: NDArray[np.float32] = explorer.prior(SIDE * SIDE, 0)
    x = np.random.default_rng(0).random((items, *network.config.shape), np.float32)
    opening = page.evaluate(OPEN, name)
    page.evaluate(ONE, [codes.ravel().tolist(), explorer.latent_dim, 100])
    one = page.evaluate(ONE, [codes.ravel().tolist(), explorer.latent_dim, rounds])
    torch_one = timed(lambda: explorer.decode(codes[:1]), rounds)
    plane = [page.evaluate(MANY, ["decode", len(codes), explorer.latent_dim]) for _ in range(5)]
    torch_plane = timed(lambda: explorer.decode(codes), 5)
    films = [page.evaluate(MANY, ["decode", KNOBS * TILES, explorer.latent_dim]) for _ in range(5)]
    sheets: list[str] = []

    def sheet() -> None:
        pictures = explorer.modality.tiles(explorer.decode(codes[: KNOBS * TILES]), explorer.scale)
        sheets.append(strip(pictures, columns=TILES)["url"])

    served = timed(sheet, 5)
    first, all_codes = page.evaluate(MANY, ["encode", items, size])
    torch_codes = timed(lambda: explorer.encode(x), 1)
    return {
        "opening, ms": round(opening, 1),
        "one decode, ms": summary(one),
        "one decode, torch, ms": summary(torch_one),
        "one decode, times torch's": ratio(statistics.median(one), statistics.median(torch_one)),
        f"{SIDE} × {SIDE} tiles, first slice, ms": round(statistics.median(first for first, _ in plane)),
        f"{SIDE} × {SIDE} tiles, ms": round(statistics.median(last for _, last in plane)),
        f"{SIDE} × {SIDE} tiles, times torch's": ratio(
            statistics.median(last for _, last in plane), statistics.median(torch_plane)
        ),
        "films of Decode's tracks": {
            "here, first slice, ms": round(statistics.median(first for first, _ in films)),
            "here, ms": round(statistics.median(last for _, last in films)),
            "as a strip of the server, ms": round(statistics.median(served), 1),
            "as a strip of the server, kB": round(len(sheets[-1]) / 1000, 1),
        },
        f"{items:,} encodings, first slice, ms": round(first),
        f"{items:,} encodings, s": round(all_codes / 1000, 2),
        f"{items:,} encodings, times torch's": ratio(all_codes, torch_codes[0]),
    }


def main() -> None:
    """Print the figures of each model as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--rounds", type=int, default=500, help="decodes of one code")
    parser.add_argument("--items", type=int, default=10_000, help="items that are encoded")
    arguments = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    found = {}
    with files() as url, browser() as chromium:
        for name in arguments.models:
            page = chromium.new_page()
            page.goto(url)
            found[name] = measured(page, name, arguments.rounds, arguments.items)
            page.close()
    report("engine", found)


if __name__ == "__main__":
    main()
