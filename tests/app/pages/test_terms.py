"""A first-year word may come first on a page; the field's own term stands once beside it."""

import re
from importlib import import_module
from inspect import getsource

import pytest

from aeviz.app.panels import notions

CODES = ("home", "map", "decode", "vae_walkthrough", "training", "generate", "compare", "sweeps", "your_own")
DRAWS = ("decode", "vae_walkthrough", "training", "generate", "compare")


@pytest.mark.parametrize(
    ("page", "term"), [*((page, "latent dimension") for page in CODES), *((page, "*sample") for page in DRAWS)]
)
def test_a_page_names_the_term_beside_the_plain_word(page: str, term: str) -> None:
    source = getsource(import_module(f"aeviz.app.pages.{page}"))
    asked = [getattr(notions, name) for name in re.findall(r"notions\.ask\(notions\.([A-Z_]+)\)", source)]
    source = " ".join(" ".join([source, *(notion.answer for notion in asked)]).split())
    assert term in source
