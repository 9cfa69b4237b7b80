"""The shipped models and digits in the process of the tests, each loaded and encoded once."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

import aeviz
from aeviz.latent.explorer import Codes, Explorer


@cache
def model(name: str) -> Explorer:
    """A shipped model on the CPU."""
    return Explorer(aeviz.load(name, device="cpu"), name)


@cache
def codes(name: str) -> Codes:
    """A model's codes of all items of MNIST."""
    digits = aeviz.load_dataset("mnist")
    return model(name).codes(digits.items, digits.labels)


def items() -> NDArray[np.float32]:
    """The items of MNIST."""
    return aeviz.load_dataset("mnist").items
