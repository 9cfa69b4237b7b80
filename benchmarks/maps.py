"""Seconds and quality of a 2-D map of codes, by method and library.

PCA, t-SNE (openTSNE) and UMAP (umap-learn) as aeviz fits them, each against its plain alternative with the same
parameters and seed: scikit-learn's PCA and TSNE, and umap-learn without exact neighbours handed to it. Every
contestant has a process of its own with one thread for the arithmetic. `first` is what a visitor waits for, library
import and compilation included; `again` is a second fit in the same process. Trustworthiness (15 neighbours) and kNN
accuracy (10 neighbours, 5 folds) of each map stand beside its time.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _common import ratio, report

PERPLEXITY, NEIGHBOURS, MIN_DIST, SEED = 30, 15, 0.1, 0
PAIRS = (
    ("pca", "PCA", "aeviz", "scikit-learn"),
    ("tsne", "t-SNE", "aeviz (openTSNE)", "scikit-learn"),
    ("umap", "UMAP", "aeviz (umap-learn, exact neighbours)", "umap-learn"),
)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def aeviz_map(method: Any, codes: np.ndarray) -> np.ndarray:
    from aeviz.projection import Settings, project

    settings = Settings(method, 2, len(codes), SEED, perplexity=PERPLEXITY, n_neighbors=NEIGHBOURS, min_dist=MIN_DIST)
    return project(codes, settings).coordinates


def plain_pca(codes: np.ndarray) -> np.ndarray:
    from sklearn.decomposition import PCA

    found: np.ndarray = PCA(2).fit_transform(codes)
    return found


def plain_tsne(codes: np.ndarray) -> np.ndarray:
    from sklearn.manifold import TSNE

    found: np.ndarray = TSNE(2, perplexity=PERPLEXITY, init="pca", random_state=SEED).fit_transform(codes)
    return found


def plain_umap(codes: np.ndarray) -> np.ndarray:
    import umap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = umap.UMAP(n_neighbors=NEIGHBOURS, min_dist=MIN_DIST, random_state=SEED)
        found: np.ndarray = model.fit_transform(codes)
    return found


PLAIN: dict[str, Callable[[np.ndarray], np.ndarray]] = {"pca": plain_pca, "tsne": plain_tsne, "umap": plain_umap}


def fit_here(folder: Path, method: str, whose: str) -> None:
    """Fit the folder's codes twice, keep the first map and print both times: the work of one process."""
    codes = np.load(folder / "codes.npy")
    fit = PLAIN[method] if whose == "plain" else lambda codes: aeviz_map(method, codes)
    times = []
    for turn in range(2):
        began = time.perf_counter()
        coordinates = fit(codes)
        times.append(time.perf_counter() - began)
        if turn == 0:
            np.save(folder / "map.npy", coordinates)
    print(json.dumps(times), flush=True)


def contest(folder: Path, method: str, whose: str, codes: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    from aeviz.evaluation.metrics import knn_accuracy, trustworthiness

    command = [sys.executable, __file__, "--folder", str(folder), "--method", method, "--whose", whose]
    done = subprocess.run(command, env=os.environ | dict.fromkeys(THREADS, "1"), stdout=subprocess.PIPE, check=True)
    first, again = json.loads(done.stdout.splitlines()[-1])
    coordinates = np.load(folder / "map.npy")
    return {
        "first, s": round(first, 3),
        "again, s": round(again, 3),
        "trustworthiness": round(trustworthiness(codes, coordinates), 4),
        "kNN accuracy": round(knn_accuracy(coordinates, labels), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--model", default="mnist-vae")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--method", choices=list(PLAIN), help=argparse.SUPPRESS)
    parser.add_argument("--whose", choices=("aeviz", "plain"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        fit_here(options.folder, options.method, options.whose)
        return

    import aeviz
    from aeviz.latent.explorer import Explorer

    model = aeviz.load(options.model)
    data = aeviz.load_dataset(model.config.dataset)
    codes = Explorer(model).encode(data.items[: options.points])[0]
    labels = data.labels[: options.points]
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="aeviz-bench-") as name:
        np.save(Path(name) / "codes.npy", codes)
        for method, title, ours, theirs in PAIRS:
            mine, other = (contest(Path(name), method, whose, codes, labels) for whose in ("aeviz", "plain"))
            figures[title] = {
                ours: mine,
                theirs: other,
                "ratio of first fits, aeviz / alternative": ratio(mine["first, s"], other["first, s"]),
                "ratio of second fits, aeviz / alternative": ratio(mine["again, s"], other["again, s"]),
            }
    report("maps", {"model": options.model, "points": len(codes), "threads": 1, "methods": figures})


if __name__ == "__main__":
    main()
