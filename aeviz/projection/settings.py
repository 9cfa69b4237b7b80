"""What a map depends on, apart from the codes."""

from dataclasses import dataclass
from typing import Literal, get_args

Method = Literal["pca", "tsne", "umap"]
METHODS: tuple[Method, ...] = get_args(Method)
PARAMETERS: dict[Method, tuple[str, ...]] = {"pca": (), "tsne": ("perplexity",), "umap": ("n_neighbors", "min_dist")}


@dataclass(frozen=True)
class Settings:
    """A method and its parameters; those of another method are ignored.

    points: how many codes are mapped, counted from the first. perplexity: t-SNE's effective number of
    neighbours. n_neighbors, min_dist: UMAP's, the codes' neighbours and the least distance on the map.
    Raises ValueError for values that the methods cannot work with.
    """

    method: Method
    dims: Literal[2, 3]
    points: int
    seed: int
    perplexity: float = 30
    n_neighbors: int = 15
    min_dist: float = 0.1

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters that are the method's own."""
        return PARAMETERS[self.method]

    @property
    def linear(self) -> bool:
        """Whether the map is a linear view of the codes: fitted in a moment, and straight lines stay straight on it."""
        return self.method == "pca"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"Unknown projection {self.method!r}; choose one of {', '.join(METHODS)}.")
        if self.dims not in (2, 3):
            raise ValueError(f"A map has 2 or 3 dimensions, not {self.dims}.")
        if self.points < self.dims + 2:
            raise ValueError(
                f"{self.points} points are too few: a map of {self.dims} dimensions needs {self.dims + 2}."
            )
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"The seed must lie in [0, 2³²), not {self.seed}.")
        if self.method == "tsne":
            self._check_tsne()
        if self.method == "umap":
            self._check_umap()

    def _check_tsne(self) -> None:
        # Each point looks at the three times as many neighbours that perplexity names, itself left out.
        highest = (self.points - 1) / 3
        if not 1 <= self.perplexity <= highest:
            raise ValueError(
                f"The perplexity of {self.points} points must lie between 1 and {highest:.4g}, not {self.perplexity:g}."
            )

    def _check_umap(self) -> None:
        if not 2 <= self.n_neighbors < self.points:
            raise ValueError(
                f"The neighbours of {self.points} points must be 2 to {self.points - 1}, not {self.n_neighbors}."
            )
        if not 0 <= self.min_dist <= 1:
            raise ValueError(f"The least distance (min_dist) must lie in [0, 1], not {self.min_dist:g}.")

    def key(self) -> str:
        """A short name, the same for settings that give the same map: "tsne-2-10000-seed0-p30"."""
        own = {
            "pca": "",
            "tsne": f"-seed{self.seed}-p{self.perplexity:g}",
            "umap": f"-seed{self.seed}-n{self.n_neighbors}-d{self.min_dist:g}",
        }
        return f"{self.method}-{self.dims}-{self.points}{own[self.method]}"


def shipped_settings(method: str, dims: int, points: int) -> Settings:
    """The settings of the maps that travel with a checkpoint: the libraries' defaults, seed 0.

    Fewer points than the defaults ask for lower them.
    """
    fewer = {"perplexity": min(Settings.perplexity, (points - 1) / 3), "n_neighbors": min(15, points - 1)}
    return Settings(method=method, dims=dims, points=points, seed=0, **fewer)  # type: ignore[arg-type]
