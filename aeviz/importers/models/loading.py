"""The lines that load a person's own file into the network that is written out for them."""

from collections.abc import Iterator

import torch
from torch import Tensor

from aeviz.importers.models.weights import Weights
from aeviz.model import chain
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.chain import Chained

COUNTED = "num_batches_tracked"  # of a batch normalisation: it matters to training alone
INDENT = "    "
FLATTEN = """
def tensors(tree, path=""):
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from tensors(value, f"{path}{name}.")
        elif torch.is_tensor(value):
            yield f"{path}{name}", value
""".strip("\n").splitlines()


def loading_lines(model: Autoencoder, weights: Weights) -> tuple[str, ...]:
    """Lines that fill a `model` made by the lines of its chain with the weights of the file that they were read from.

    Each tensor is looked up by its name in that file, wherever it lies there; the one head of mean and log-variance is
    joined of two. Empty where the lines of the network are not known, where torch would refuse to read the file without
    running code of it, or where a tensor is none of the file's.
    """
    if not (weights.file and isinstance(model, Chained)):
        return ()
    try:
        tensors = chain.tensors(model.chain())
    except ValueError:
        return ()
    unused = dict(weights)
    expressions = {
        name: _expression(tensor, weights, unused) for name, tensor in tensors.items() if COUNTED not in name
    }
    if not all(expressions.values()):
        return ()
    loose = ", strict=False" if len(expressions) < len(tensors) else ""
    entries = [f'{INDENT}"{name}": {expression},' for name, expression in expressions.items()]
    return (*_opened(weights), "model.load_state_dict({", *entries, f"}}{loose})")


def _opened(weights: Weights) -> Iterator[str]:
    if weights.safe:
        yield f"weights = load_file({weights.file!r})"
        return
    read = f'torch.load({weights.file!r}, map_location="cpu", weights_only=True)'
    if weights.flat:
        yield f"weights = {read}"
        return
    yield from FLATTEN
    yield from ("", "")
    yield f"weights = dict(tensors({read}))"


def _expression(tensor: Tensor, weights: Weights, unused: dict[str, Tensor]) -> str:
    """A tensor in terms of those of the file; "" where it is none of them."""
    if name := _name_of(tensor, weights, unused):
        return f"weights[{weights.stored[name]!r}]"
    if tensor.ndim and tensor.shape[0] % 2 == 0:
        mean, log_var = tensor.chunk(2)
        for factor, text in ((1, ""), (2, "2 * ")):
            names = [_name_of(mean, weights, unused), _name_of(log_var / factor, weights, unused)]
            if all(names):
                first, second = (f"weights[{weights.stored[name]!r}]" for name in names)
                return f"torch.cat([{first}, {text}{second}])"
    return ""


def _name_of(tensor: Tensor, weights: Weights, unused: dict[str, Tensor]) -> str:
    """The name in the file of a tensor; of several alike the first that stands for none yet."""
    for among in (unused, weights):
        for name, value in among.items():
            if value.shape == tensor.shape and torch.equal(value, tensor.to(value)):
                unused.pop(name, None)
                return name
    return ""
