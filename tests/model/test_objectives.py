from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from aeviz.modalities.base import Corruption, Modality, Place, Scale
from aeviz.modalities.image.record import IMAGE
from aeviz.modalities.series import SERIES
from aeviz.modalities.table import TABLE
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.families import FAMILIES
from aeviz.model.objectives import (
    Adversarial,
    Conditional,
    Contractive,
    Denoising,
    Principal,
    Reconstruction,
    Solved,
    Sparse,
    Variational,
    trimmed,
)

CLASSES = torch.arange(6) % 3


def model(code: str = "deterministic", likelihood: str = "bce") -> Autoencoder:
    torch.manual_seed(0)
    config = Config("ae", (1, 4, 5), 2, code=code, body="dense", hidden=(6,), likelihood=likelihood)
    return Autoencoder(config)


def pictures(count: int = 6) -> Tensor:
    return torch.rand(count, 1, 4, 5, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("likelihood", ["bce", "mse", "l1"])
def test_reconstruction_scores_the_decode_of_the_code(likelihood: str) -> None:
    ae, x = model(likelihood=likelihood), pictures()
    terms = Reconstruction().loss(ae, x, CLASSES)
    assert terms.keys() == {"loss"}
    torch.testing.assert_close(terms["loss"], ae.likelihood.error(ae.decode_logits(ae.encode(x).mean), x).mean())


def test_the_vaes_loss_is_reconstruction_plus_kl() -> None:
    vae, x = model("gaussian"), pictures()
    torch.manual_seed(5)
    terms = Variational().loss(vae, x, CLASSES)
    torch.testing.assert_close(terms["loss"], terms["reconstruction"] + terms["kl"])
    torch.manual_seed(5)
    posterior = vae.encode(x)
    expected = vae.likelihood.error(vae.decode_logits(posterior.sample()), x).mean()
    torch.testing.assert_close(terms["reconstruction"], expected)
    torch.testing.assert_close(terms["kl"], posterior.kl().sum() / len(x))


def test_denoising_encodes_the_corrupted_and_scores_the_clean_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    ae, x = model(), pictures()
    monkeypatch.setattr(Denoising, "damaged", lambda self, clean: (1 - clean, 1 - clean == clean))
    expected = ae.likelihood.error(ae.decode_logits(ae.encode(1 - x).mean), x).mean()
    torch.testing.assert_close(Denoising(IMAGE, IMAGE.scale).loss(ae, x, CLASSES)["loss"], expected)


def test_the_denoisers_noise_is_of_its_mix_and_within_its_levels() -> None:
    met: list[tuple[str, float, int]] = []

    def noting(row: Corruption) -> Corruption:
        def apply(x: Tensor, level: float, generator: torch.Generator, scale: Scale, *place: Place | None) -> Tensor:
            met.append((row.name, level, generator.initial_seed()))
            return x

        return replace(row, apply=apply)

    denoising = Denoising(replace(IMAGE, corruptions=tuple(map(noting, IMAGE.corruptions))), IMAGE.scale)
    torch.manual_seed(0)
    for _ in range(1500):
        denoising.corrupted(pictures(1))
    assert sum(row.share for row in IMAGE.corruptions) == pytest.approx(1)
    for row in IMAGE.corruptions:
        levels = [level for name, level, _ in met if name == row.name]
        assert row.trained <= row.maximum
        assert len(levels) / len(met) == pytest.approx(row.share, abs=0.05)
        if not row.share:
            continue
        assert 0 <= min(levels) < 0.1 * row.trained
        assert 0.9 * row.trained < max(levels) <= row.trained
    assert len({seed for *_, seed in met}) == len(met)


def test_a_denoiser_of_one_corruption_meets_each_of_its_levels_alone() -> None:
    x = torch.rand(1, 1, 8, 8)
    shares = {row.name: float(row.name == "low-resolution") for row in IMAGE.corruptions}
    twice, four = Denoising(IMAGE, IMAGE.scale, **shares), Denoising(IMAGE, IMAGE.scale, level=4, **shares)
    assert len(twice.corrupted(x).unique()) == 16
    assert len(four.corrupted(x).unique()) == 4


def test_what_is_hidden_counts_in_a_hole_where_black_looks_as_before() -> None:
    shares = {row.name: float(row.name == "half") for row in IMAGE.corruptions}
    black = torch.zeros(1, 1, 8, 8)
    _, same = Denoising(IMAGE, IMAGE.scale, seen=0.5, **shares).damaged(black)
    assert int(same.sum()) == 32


def test_the_denoisers_noise_follows_torchs_seed() -> None:
    x = pictures()

    def draw(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return Denoising(IMAGE, IMAGE.scale).corrupted(x)

    assert torch.equal(draw(1), draw(1))
    assert not torch.equal(draw(1), x)
    assert not torch.equal(draw(1), draw(2))


@pytest.mark.parametrize("beta", [0.25, 4.0])
def test_beta_weighs_the_kl_and_nothing_else(beta: float) -> None:
    vae, x = model("gaussian"), pictures()
    torch.manual_seed(5)
    plain = Variational().loss(vae, x, CLASSES)
    torch.manual_seed(5)
    weighed = Variational(beta).loss(vae, x, CLASSES)
    torch.testing.assert_close(weighed["loss"], plain["reconstruction"] + beta * plain["kl"])


def test_a_conditional_vae_is_told_the_classes() -> None:
    torch.manual_seed(0)
    cvae = Autoencoder(Config("cvae", (1, 4, 5), 2, code="gaussian", body="dense", hidden=(6,), classes=3))
    losses = []
    for labels in (CLASSES, CLASSES, (CLASSES + 1) % 3):
        torch.manual_seed(5)
        losses.append(Variational().loss(cvae, pictures(), labels)["loss"].item())
    assert losses[0] == losses[1] != losses[2]


def test_draws_that_are_read_as_another_class_are_charged_to_the_decoder_alone() -> None:
    torch.manual_seed(0)
    config = Config("cvae", (1, 4, 5), 2, code="gaussian", body="dense", hidden=(6,), classes=3)
    cvae, objective = Autoencoder(config), Conditional(config, reading=7.0, beta=0.5)
    terms = objective.loss(cvae, pictures(), CLASSES)
    bound = terms["reconstruction"] + 0.5 * terms["kl"]
    torch.testing.assert_close(terms["loss"], bound + 7 * terms["reading"] + terms["naming"])

    def moves(term: str, weights: Iterable[Tensor]) -> list[bool]:
        slopes = torch.autograd.grad(terms[term], [*weights], retain_graph=True, allow_unused=True)
        return [slope is not None and bool(slope.abs().sum() > 0) for slope in slopes]

    assert not any(moves("reading", objective.classifier.parameters()))
    assert not any(moves("reading", cvae.encoder.parameters()))
    assert all(moves("reading", cvae.decoder.parameters()))
    assert all(moves("naming", objective.classifier.parameters()))
    assert not any(moves("naming", cvae.parameters()))


def test_how_much_a_draw_must_pass_for_a_real_item_can_be_chosen() -> None:
    torch.manual_seed(0)
    config = Config("cvae", (1, 4, 5), 2, code="gaussian", body="dense", hidden=(6,), classes=3)
    cvae = Autoencoder(config)
    readings = []
    for real in (0.0, 0.25, 1.0):
        torch.manual_seed(1)
        objective = Conditional(config, real=real)
        torch.manual_seed(2)
        readings.append(objective.loss(cvae, pictures(), CLASSES)["reading"].item())
    # −log p(class | draw) = −log p(class | draw, real) − log p(real | draw)
    assert 0 < readings[0] < readings[2]
    assert readings[1] == pytest.approx(readings[0] + 0.25 * (readings[2] - readings[0]), rel=1e-5)


def test_the_classifier_of_a_conditional_model_sees_varied_items_and_draws() -> None:
    config = Config("cvae", (1, 4, 5), 2, code="gaussian", body="dense", hidden=(6,), classes=3)
    plain, varied = Conditional(config), Conditional(config, augment=2.0)
    varied.load_state_dict(plain.state_dict())
    seen: dict[Conditional, list[Tensor]] = {plain: [], varied: []}
    for objective, inputs in seen.items():
        objective.classifier.register_forward_pre_hook(lambda _, args, inputs=inputs: inputs.append(args[0]))
        torch.manual_seed(2)
        objective.loss(Autoencoder(config), pictures(), CLASSES)
    torch.testing.assert_close(seen[plain][0], pictures())
    assert (seen[varied][0] - pictures()).std().item() == pytest.approx(0.2, abs=0.04)
    assert [len(x) for x in seen[varied]] == [6, 3, 3]
    with pytest.raises(ValueError, match="augment"):
        Conditional(config, augment=-1.0)


def test_items_of_small_classes_may_count_more_in_what_the_classifier_learns() -> None:
    config = Config("cvae", (1, 4, 5), 2, code="gaussian", body="dense", hidden=(6,), classes=3)
    labels = torch.tensor([0, 0, 0, 0, 0, 1])
    torch.manual_seed(1)
    objective = Conditional(config, balance=2.0)
    scores = -objective.classifier(pictures()).log_softmax(1)
    each = scores[range(6), labels]
    weights = torch.tensor([0.6] * 5 + [2.0])  # 6 / (2 · 5), and 6 / (2 · 1), which is more than twice
    naming = objective._naming(pictures(), labels, objective._weights(labels))
    torch.testing.assert_close(naming, (weights * each).sum() / weights.sum())
    assert Conditional(config)._weights(labels) is None
    with pytest.raises(ValueError, match="balance"):
        Conditional(config, balance=0.5)


def test_the_sparse_penalty_by_hand() -> None:
    torch.manual_seed(0)
    ae = Autoencoder(Config("sparse", (1, 4, 5), 2, body="dense", hidden=(2,)))
    first = ae.decoder.layers[0]
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[3.0, 0.0], [4.0, 2.0]]))  # columns of length 5 and 2
    z = torch.tensor([[1.0, 0.0], [0.5, -2.0]])
    # first item: 1·5; second: 0.5·5 + 2·2
    assert Sparse().penalty(ae, z).item() == pytest.approx((5 + 6.5) / 2)


def test_the_sparse_penalty_cannot_be_dodged_by_scale() -> None:
    ae, z = model(), torch.randn(7, 2)
    before = Sparse().penalty(ae, z)
    with torch.no_grad():
        ae.decoder.layers[0].weight.mul_(10)
    torch.testing.assert_close(Sparse().penalty(ae, z / 10), before)


def test_the_contractive_penalty_against_an_explicit_jacobian() -> None:
    ae, x = model(), pictures().requires_grad_(True)
    z = ae.encode(x).mean
    spread = z.std(0)
    jacobians = torch.stack(
        [torch.autograd.functional.jacobian(lambda one: ae.encode(one[None]).mean[0], item) for item in x.detach()]
    )  # (N, d, C, H, W)
    expected = (jacobians.flatten(2).square().sum(2) / spread.square()).sum(1).mean()
    # every choice of signs for two coordinates: the estimate's exact expectation
    choices = [torch.tensor([[a, b]]).expand(6, 2) for a in (-1.0, 1.0) for b in (-1.0, 1.0)]
    estimates = torch.stack([Contractive().penalty(x, z, signs) for signs in choices])
    torch.testing.assert_close(estimates.mean(), expected)


def test_the_contractive_penalty_does_not_depend_on_the_codes_scale() -> None:
    ae, x, signs = model(), pictures().requires_grad_(True), torch.ones(6, 2)
    before = Contractive().penalty(x, ae.encode(x).mean, signs)
    with torch.no_grad():
        ae.head.weight.mul_(0.1)
        ae.head.bias.mul_(0.1)
    torch.testing.assert_close(Contractive().penalty(x, ae.encode(x).mean, signs), before)


def test_the_discriminator_and_the_encoder_pull_apart() -> None:
    ae, x = model(), pictures()
    torch.manual_seed(0)
    adversarial = Adversarial(2, weight=3.0)
    terms = adversarial.loss(ae, x, CLASSES)
    torch.testing.assert_close(terms["loss"], terms["reconstruction"] + 3 * terms["fooling"] + terms["discrimination"])
    weights = list(adversarial.discriminator.parameters())
    assert all(
        part is None for part in torch.autograd.grad(terms["fooling"], weights, retain_graph=True, allow_unused=True)
    ), "the encoder's wish would train the discriminator"
    encoder = list(ae.encoder.parameters())
    assert all(
        part is None
        for part in torch.autograd.grad(terms["discrimination"], encoder, retain_graph=True, allow_unused=True)
    ), "the discriminator's wish would train the encoder"
    assert all(part.abs().sum() > 0 for part in torch.autograd.grad(terms["fooling"], encoder, retain_graph=True))


def test_principal_components_are_those_of_scikit_learn() -> None:
    from sklearn.decomposition import PCA

    x = torch.rand(50, 1, 4, 5, generator=torch.Generator().manual_seed(1))
    linear = Autoencoder(Config("pca", (1, 4, 5), 3, body="dense", hidden=(), output="linear"))
    Principal().solve(linear, x)
    flat = x.flatten(1).numpy()
    pca = PCA(3).fit(flat)
    expected = pca.inverse_transform(pca.transform(flat)).clip(0, 1)
    torch.testing.assert_close(linear(x).flatten(1), torch.from_numpy(expected), atol=1e-4, rtol=0)
    scores = linear.encode(x).mean.abs()
    torch.testing.assert_close(scores, torch.from_numpy(pca.transform(flat)).abs().float(), atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_builds_and_trains_a_model(name: str) -> None:
    family = FAMILIES[name]
    assert family.name == name
    assert family.label
    assert family.title
    assert family.idea.endswith(".")
    small = {"shape": (1, 4, 5), "body": "dense", "channels": (), "hidden": (6,)}
    config = Config(**{"family": name, "code": family.code, **small, **family.config})
    ae = Autoencoder(config)
    objective = family.objective(config)
    if isinstance(objective, Solved):
        before = objective.loss(ae, pictures(), CLASSES)["loss"]
        objective.solve(ae, pictures())
        assert objective.loss(ae, pictures(), CLASSES)["loss"] < before
        return
    loss = objective.loss(ae, pictures(), CLASSES)["loss"]
    assert loss.shape == ()
    loss.backward()
    assert all(weights.grad is not None and weights.grad.isfinite().all() for weights in ae.parameters())


# ---- Worst items, seen values and the weight of the KL


@pytest.mark.parametrize(("share", "mean"), [(0.0, 4.0), (0.2, 2.5), (0.4, 2.0), (0.8, 1.0)])
def test_the_worst_share_is_left_out_of_a_mean(share: float, mean: float) -> None:
    assert trimmed(torch.tensor([10.0, 1.0, 3.0, 2.0, 4.0]), share).item() == pytest.approx(mean)


@pytest.mark.parametrize("objective", [Reconstruction(0.5), Denoising(IMAGE, IMAGE.scale, trim=0.5)])
def test_trimmed_objectives_learn_from_the_better_half(objective: Reconstruction | Denoising) -> None:
    ae, x = model(likelihood="mse"), pictures()
    torch.manual_seed(1)
    loss = objective.loss(ae, x, CLASSES)["loss"]
    torch.manual_seed(1)
    seen = objective.corrupted(x) if isinstance(objective, Denoising) else x
    errors = ae.likelihood.error(ae.decode_logits(ae.encode(seen).mean), x)
    torch.testing.assert_close(loss, errors.sort().values[:3].mean())


@pytest.mark.parametrize(
    "wrong", [lambda: Reconstruction(1.0), lambda: Reconstruction(-0.1), lambda: Variational(ramp=2)]
)
def test_shares_that_are_none_are_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="is a share"):
        wrong()


def test_what_the_corruption_left_may_weigh_less(monkeypatch: pytest.MonkeyPatch) -> None:
    ae, x = model(likelihood="mse"), pictures()
    corrupted = x.clone()
    corrupted[:, :, :2] = 0
    monkeypatch.setattr(Denoising, "damaged", lambda self, clean: (corrupted, corrupted == clean))
    squared = (ae(corrupted) - x).square()
    changed, left = squared[:, :, :2].sum() / 6, squared[:, :, 2:].sum() / 6
    for seen in (0.0, 0.25, 1.0):
        loss = Denoising(IMAGE, IMAGE.scale, seen=seen).loss(ae, x, CLASSES)["loss"]
        torch.testing.assert_close(loss, changed + seen * left)


def test_the_share_of_each_corruption_can_be_chosen() -> None:
    chosen = Denoising(IMAGE, IMAGE.scale, **{"mask": 1.0, "gaussian": 0.0, "salt-pepper": 0.0, "block": 0.0})
    x = torch.full((50, 1, 4, 5), 0.5)
    torch.manual_seed(0)
    assert all(set(chosen.corrupted(x).unique().tolist()) <= {0.0, 0.5} for _ in range(20))
    with pytest.raises(ValueError, match="'fog'"):
        Denoising(IMAGE, IMAGE.scale, fog=1.0)
    with pytest.raises(ValueError, match="must not be negative"):
        Denoising(IMAGE, IMAGE.scale, **{row.name: 0.0 for row in IMAGE.corruptions})


@pytest.mark.parametrize(("progress", "weight"), [(0.0, 0.0), (0.1, 1.0), (0.2, 2.0), (1.0, 2.0)])
def test_the_weight_of_the_kl_rises_over_its_ramp(progress: float, weight: float) -> None:
    vae, x = model("gaussian"), pictures()
    vae.progress = progress
    terms = Variational(beta=2.0, ramp=0.2).loss(vae, x, CLASSES)
    torch.testing.assert_close(terms["loss"], terms["reconstruction"] + weight * terms["kl"])


def test_values_that_are_missing_teach_nothing_and_do_no_harm() -> None:
    ae = Autoencoder(Config("ae", (1, 6), 2, body="dense", hidden=(4,), modality="series"))
    x = torch.randn(5, 1, 6)
    x[:, :, 3] = torch.nan
    torch.autograd.backward(Reconstruction().loss(ae, x, torch.zeros(5))["loss"])
    assert all(weights.grad is not None and weights.grad.isfinite().all() for weights in ae.parameters())
    last = ae.decoder.layers[-1]
    assert not last.weight.grad[3].any()
    assert last.weight.grad[[0, 1, 2, 4, 5]].abs().sum(1).all()


@pytest.mark.parametrize("modality", [SERIES, TABLE])
def test_principal_components_take_items_of_any_shape_and_missing_values(modality: Modality) -> None:
    shape = (1, 8) if modality is SERIES else (8,)
    linear = Autoencoder(Config("pca", shape, 2, body="dense", hidden=(), likelihood="mse", modality=modality.name))
    x = torch.randn(40, 2) @ torch.randn(2, 8)
    Principal().solve(linear, x.reshape(40, *shape))
    torch.testing.assert_close(linear(x.reshape(40, *shape)).reshape(40, 8), x, atol=1e-3, rtol=0)
    x[0, 3] = torch.nan
    Principal().solve(linear, x.reshape(40, *shape))
    assert linear(x.reshape(40, *shape)).isfinite().all()
