"""The front door, `import aeviz`: its example runs as it is written."""

import doctest

import pytest
import torch

import aeviz


def test_the_example_of_the_package_runs() -> None:
    example = doctest.DocTestParser().get_doctest(aeviz.__doc__ or "", {}, "aeviz", None, None)
    found = doctest.DocTestRunner().run(example)
    assert found.attempted >= 5
    assert found.failed == 0


@pytest.mark.parametrize("name", aeviz.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(aeviz, name) is not None


def test_the_example_means_what_it_says() -> None:
    data = aeviz.load_dataset("mnist")
    model = aeviz.load("mnist-vae", device="cpu")
    posterior = model.encode(torch.from_numpy(data.items[:8].copy()))
    assert model.decode(posterior.sample()).shape == (8, *data.shape)
