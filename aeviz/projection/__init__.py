"""Flat maps of a latent space: PCA, t-SNE and UMAP of codes, in two or three dimensions.

>>> settings = Settings(method="tsne", dims=2, points=len(codes), seed=0)
>>> result = project_in_process(codes, settings, progress=print)   # or `project`, here and now
>>> result.coordinates                                             # (n, 2)
>>> result.place(new_codes)                                        # (m, 2), on the same map

The libraries load when a map is fitted, not on import.
"""

from aeviz.projection.fitting import Cancelled, problem, project
from aeviz.projection.maps import load_maps, save_maps
from aeviz.projection.placing import Projection, nearest
from aeviz.projection.process import project_in_process
from aeviz.projection.settings import Method, Settings, shipped_settings

__all__ = [
    "Cancelled",
    "Method",
    "Projection",
    "Settings",
    "load_maps",
    "nearest",
    "problem",
    "project",
    "project_in_process",
    "save_maps",
    "shipped_settings",
]
