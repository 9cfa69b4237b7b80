"""A posterior that a hand turns, in Node: its draw, its KL, what parts are told, and what an item costs."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from aeviz.model.likelihoods import Bernoulli, Gaussian, Laplace, Likelihood
from aeviz.parts.files import FOLDER
from aeviz.parts.sheets import pack

MEAN, STD, NOISE = [1.0, -2.0, 0.5], [0.5, 0.1, 1.0], [2.0, -1.0, 0.0]
POSTERIOR = {"mean": MEAN, "std": STD, "noise": NOISE}
ORDER = [2, 0]
SCORES = {
    "bce": (Bernoulli(), {"output": "sigmoid"}),
    "bce, cut": (Bernoulli("linear"), {"output": "linear"}),
    "mse": (Gaussian(), {"output": "sigmoid", "spread": 0}),
    "mse, of a spread": (Gaussian(std=0.3), {"output": "sigmoid", "spread": 0.3}),
    "l1": (Laplace(scale=2.0), {"output": "sigmoid", "spread": 2.0}),
}


@pytest.fixture
def posterior(module_at: Callable[..., Any]) -> Any:
    return module_at(FOLDER / "answers" / "posterior.js")


def numbers(packed: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed["bytes"]), np.float32).reshape(packed["shape"])


def test_a_draw_and_its_kl_are_those_of_torch(posterior: Any) -> None:
    np.testing.assert_allclose(posterior.call("drawnCode", POSTERIOR), [2.0, -2.1, 0.5], atol=1e-6)
    normal = torch.distributions.Normal
    kl = torch.distributions.kl_divergence(normal(torch.tensor(MEAN), torch.tensor(STD)), normal(0.0, 1.0))
    np.testing.assert_allclose(posterior.call("klOf", POSTERIOR), kl, atol=1e-5)


@pytest.mark.parametrize(("spread", "values", "steps"), [(False, [0.5, 1.0], [1, 1]), (True, [1.0, 0.5], [0.0, 2.0])])
def test_along_a_slider_the_draw_moves_as_its_formula_says(
    posterior: Any, spread: bool, values: list[float], steps: list[float]
) -> None:
    rows = [{"low": -3, "high": 3, "value": 0, "home": 0} for _ in ORDER]
    data = {"rows": rows, "tab": {"digest": "a"}, "seen": None}
    told = posterior.call("slidersOf", data, POSTERIOR, ORDER, {"spread": spread, "home": MEAN, "seen": values})
    assert [row["value"] for row in told["rows"]] == values
    assert [row["home"] for row in told["rows"]] == [0.5, 1.0]
    np.testing.assert_allclose(numbers(told["tab"]["code"]), [2.0, -2.1, 0.5], atol=1e-6)
    expected = np.zeros((2, 3))
    expected[[0, 1], ORDER] = steps
    np.testing.assert_allclose(numbers(told["tab"]["axes"]), expected)
    assert told["seen"] == values


def test_a_plane_shows_the_posterior_and_a_place_on_it_is_a_draw(posterior: Any) -> None:
    data = {"levels": [{"id": "a b", "here": True}], "tab": {"axes": pack(np.eye(3, dtype=np.float32)[:2])}}
    told = posterior.call("padOf", data, POSTERIOR, [0, 2])
    np.testing.assert_allclose(told["position"], [2.0, 0.5])
    assert told["ellipse"] == {"mean": [1.0, 0.5], "std": [0.5, 1.0], "angle": 0}
    np.testing.assert_allclose(numbers(told["tab"]["code"]), [0, -2.1, 0], atol=1e-6)
    noise = posterior.call("noiseFor", POSTERIOR, [0, 2], [0.0, 3.0])
    np.testing.assert_allclose(noise, [-2.0, -1.0, 2.5])


def test_the_plane_of_another_item_is_about_its_cloud(posterior: Any) -> None:
    levels = [{"id": "a b", "region": [0, 4, 0, 2], "here": True}]
    told = posterior.call("around", {"levels": levels, "home": [0, 4, 0, 2]}, POSTERIOR, [0, 2], 4)
    np.testing.assert_allclose(told["home"], [1 - 8, 1 + 8, 0.5 - 4, 0.5 + 4])  # four of the larger spread, 1
    assert [level["region"] for level in told["levels"]] == [told["home"]]
    assert told["levels"][0]["id"] != "a b"


def test_the_equations_are_those_of_the_coordinates_that_carry_most(posterior: Any) -> None:
    lines = posterior.call("equations", POSTERIOR, 2)
    assert lines[0] == "z₁ = μ₁ + σ₁ · ε₁ = −2.00 + 0.100 · (−1.00) = −2.10"
    assert lines[1].startswith("z₀ = ")


@pytest.mark.parametrize("name", SCORES)
def test_an_item_costs_what_it_costs_in_torch(module_at: Callable[..., Any], name: str) -> None:
    likelihood: Likelihood
    likelihood, config = SCORES[name]
    noise = np.random.default_rng(0)
    logits = torch.tensor(noise.standard_normal((1, 50)), dtype=torch.float32)
    item = torch.tensor(noise.random((1, 50)), dtype=torch.float32)
    scored = "({ scoreOf }, config, mean, item) => scoreOf(config)(mean, item)"
    engine = module_at(FOLDER / "js" / "engine" / "likelihoods.js")
    stated = {"likelihood": name.split(",")[0], **config}
    found = engine.evaluate(scored, stated, likelihood.mean(logits)[0].numpy(), item[0].numpy())
    np.testing.assert_allclose(found, likelihood.error(logits, item)[0], rtol=1e-4)


def test_an_item_that_is_shown_again_costs_at_once_what_it_was_found_to_cost(module_at: Callable[..., Any]) -> None:
    told = module_at(FOLDER / "answers" / "passing.js").evaluate("""({ Passing, SAMPLES }) => {
        let finish;
        const model = {
            config: { likelihood: "mse", output: "sigmoid", spread: 0 },
            decode: () => Float32Array.of(0.5),
            run: (lane, { rows }, tell) => {
                const [first, count, done] = [0, SAMPLES, true];
                finish = () => tell({ first, count, values: Float32Array.from(rows, () => 0.25), done });
            },
        };
        const found = [];
        const [item, average] = [{ show() {} }, { show() {} }];
        const terms = ({ expected }) => found.push(Number.isNaN(expected) ? null : expected);
        const telling = { item, ofMean: item, ofZ: item, average, further: [], equations() {}, terms };
        const passing = new Passing(model, { order: [0], pair: [] });
        const show = (value) => {
            passing.take([value], 3, { mean: [0], std: [1] });
            passing.draw(0);
            passing.show(telling);
        };
        show(1);
        finish();
        show(1);
        show(0);
        return found;
    }""")
    first, found, again, other = told
    assert first is None
    assert found is not None
    assert again == found
    assert other is None
