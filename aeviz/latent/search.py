"""Repair by search: the code whose decode agrees with what is seen of a damaged item, found step by step.

After Bora et al. (2017, "Compressed sensing using generative models"): the model is not asked to encode what it never
learned to read; z is moved until decode and damage together explain what is seen, and the prior N(0, I) keeps it where
the decoder was trained. Nothing is trained.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aeviz.latent.explorer import Array, Explorer, Labels
from aeviz.modalities.base import Corruption
from aeviz.model.likelihoods import Likelihood, likelihood_of

STEPS = 150
RATE = 0.1  # of Adam, falling to nothing over the steps as a cosine
Hidden = NDArray[np.bool_]


@dataclass(frozen=True)
class SearchState:
    """Where a search is after some steps.

    step: from 0, the start, to the last. codes: (N, d). items: (N, *shape), their decodes. misfit: (N,), −log p of what
    is seen under the decode, in nats up to the likelihood's constant. distance: (N,), ½‖z‖², −log of the prior's
    density up to a constant.
    """

    step: int
    codes: Array
    items: Array
    misfit: Array
    distance: Array


def search(
    explorer: Explorer,
    x: Array,
    hidden: Hidden | None = None,
    *,
    corruption: Corruption | None = None,
    level: float = 0.0,
    weight: float = 1.0,
    steps: int = STEPS,
    every: int = 10,
    starts: int = 1,
    seed: int = 0,
    labels: Labels | None = None,
) -> Iterator[SearchState]:
    """Codes of damaged items x (N, *shape), as they become better; stop asking and it stops.

    hidden: (N, *shape), the values that are lost, which no step looks at. corruption, level: of one that is the same
    for each item and without chance (low resolution, no colour): the decode is damaged alike before it is compared.
    weight: of the prior; 0 lets a code go anywhere. every: steps between two that are given out, the start and the last
    among them. starts: codes tried for each item, the first where the encoder puts it, the others drawn from N(0, I)
    by the seed; the best so far is given out. The same seed gives the same codes, whatever other items are searched
    beside them. Raises ValueError for numbers that make no sense.
    """
    if steps < 1 or every < 1 or starts < 1 or weight < 0:
        raise ValueError("steps, every and starts must be at least 1, and weight not negative.")
    damage = (lambda y: corruption.corrupt(y, level, 0, explorer.scale)) if corruption and level else None
    run = _Search(explorer, x, hidden, damage, starts, seed, labels)
    optimizer = torch.optim.Adam([run.z], RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    yield run.state(0, weight)
    for step in range(1, steps + 1):
        with torch.enable_grad():
            misfit, distance = run.terms()
            optimizer.zero_grad()
            torch.autograd.backward((misfit + weight * distance).sum())  # items do not touch each other
        optimizer.step()
        schedule.step()
        if step % every == 0 or step == steps:
            yield run.state(step, weight)


class _Search:
    """The codes of a search, (N · starts, d), and what they are scored by."""

    def __init__(
        self,
        explorer: Explorer,
        x: Array,
        hidden: Hidden | None,
        damage: Callable[[Tensor], Tensor] | None,
        starts: int,
        seed: int,
        labels: Labels | None,
    ) -> None:
        self.model, self.starts, self.damage = explorer.model, starts, damage
        self.likelihood: Likelihood = likelihood_of(explorer.config)
        conditional = labels is not None and explorer.classes > 0
        self.labels = torch.tensor(np.repeat(labels, starts, 0)) if conditional and labels is not None else None
        first = torch.tensor(explorer.encode(x, labels)[0], device=self.model.device)
        target = torch.tensor(x, dtype=torch.float32, device=self.model.device)
        if hidden is not None:
            target[torch.tensor(hidden, device=target.device)] = torch.nan
        self.target = target.repeat_interleave(starts, 0)
        # One draw for all items: what one comes to does not depend on those beside it.
        drawn = torch.randn(starts - 1, first.shape[1], generator=torch.Generator().manual_seed(seed)).to(first)
        codes = torch.cat([first[:, None], drawn.expand(len(first), *drawn.shape)], 1)
        self.z = codes.flatten(0, 1).clone().requires_grad_()

    def terms(self) -> tuple[Tensor, Tensor]:
        """The misfit of what is seen, and ½‖z‖², of each code."""
        logits = self.model.logits_for(self.target.nan_to_num(), self.z, self.labels)
        if self.damage is not None:
            logits = self.likelihood.logits(self.damage(self.likelihood.mean(logits)))
        return self.likelihood.error(logits, self.target), 0.5 * self.z.square().sum(1)

    @torch.no_grad()
    def state(self, step: int, weight: float) -> SearchState:
        """The best code of each item so far."""
        misfit, distance = self.terms()
        best = (misfit + weight * distance).view(-1, self.starts).argmin(1)
        rows = torch.arange(len(best), device=best.device) * self.starts + best
        codes = self.z.detach()[rows]
        items = self.model.decode(codes, None if self.labels is None else self.labels[rows.cpu()])
        codes_, items_, misfit_, distance_ = (
            values.cpu().numpy() for values in (codes.clone(), items, misfit[rows], distance[rows])
        )
        return SearchState(step, codes_, items_, misfit_, distance_)
