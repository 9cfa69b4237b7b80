"""The page of recorded trainings in Streamlit's own harness, and what it is made of."""

import io
import re
import shutil
from dataclasses import replace
from pathlib import Path

import apptest
import numpy as np
import pytest
from apptest import parts
from cases import every
from PIL import Image
from streamlit.testing.v1 import AppTest

from aeviz.app import models
from aeviz.app.panels import training_films
from aeviz.evaluation.clouds import Course
from aeviz.figures import palette, training_gif
from aeviz.parts.replay_film import Film
from aeviz.store import checkpoints
from aeviz.training.recording import RECORDING, Recording, load_recording, save_recording

ROOT = Path(__file__).parents[3]
FRAMES = 5


def recording(latent_dim: int = 2, side: int = 28) -> Recording:
    """Codes of 40 items that grow with the frame; pictures as light as the frame's number."""
    random = np.random.default_rng(0)
    grow = np.arange(1, FRAMES + 1, dtype=np.float32).reshape(-1, 1, 1)
    lights = np.arange(FRAMES, dtype=np.uint8).reshape(-1, 1, 1, 1, 1) * 50
    return Recording(
        steps=np.array([0, 1, 5, 20, 100], np.int32),
        rows=np.arange(40, dtype=np.int32),
        codes=grow * random.normal(size=(40, latent_dim)).astype(np.float16).astype(np.float32),
        items=np.arange(8, dtype=np.int32),
        reconstructions=np.tile(lights, (1, 8, 1, side, side)),
        samples=np.tile(lights, (1, 16, 1, side, side)),
        terms=("loss", "reconstruction", "kl"),
        figures=np.arange(3 * FRAMES, dtype=np.float32).reshape(FRAMES, 3),
    )


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> Path:
    """A folder of two checkpoints with codes of two numbers, both with a recording."""
    for name in ("mnist-ae-2d", "mnist-vae-2d"):
        shutil.copytree(ROOT / "models" / name, tmp_path / name)
        save_recording(tmp_path / name / RECORDING, recording())
    monkeypatch.setattr(checkpoints, "models_folder", lambda: tmp_path)
    return tmp_path


def opened(**parameters: object) -> AppTest:
    return apptest.opened("training", **parameters)


def test_two_recordings_are_replayed_and_judged(zoo: Path) -> None:
    app = opened()
    assert parts(app) == 1
    assert not app.info
    assert not app.warning
    said = next(text.value for text in app.markdown if "**Autoencoder** (" in text.value)
    assert re.search(r"\*\*Variational autoencoder\*\* \(\S+\)\. No: spread", said)
    assert dict(app.query_params) == {}, "what nobody changed is not in the URL"


@pytest.mark.parametrize(("step", "kept"), [("20", True), ("0", True), ("100", False), ("21", False), ("x", False)])
def test_a_recorded_step_stays_in_the_url_and_others_do_not(zoo: Path, step: str, kept: bool) -> None:
    app = opened(step=step)
    assert parts(app) == 1
    assert app.query_params.get("step") in ((step, [step]) if kept else (None,))


def test_where_one_is_missing_the_other_is_shown_and_the_command_told(zoo: Path) -> None:
    (zoo / "mnist-vae-2d" / RECORDING).unlink()
    app = opened()
    assert parts(app) == 1
    assert "No VAE of MNIST" in app.info[0].value
    assert "aeviz train vae mnist --latent 2 --record" in app.code[0].value


def test_where_none_is_there_the_page_says_what_to_run(zoo: Path) -> None:
    for path in zoo.glob(f"*/{RECORDING}"):
        path.unlink()
    app = opened()
    assert parts(app) == 0
    assert [line.split()[2] for box in app.code for line in box.value.splitlines()[1:]] == ["ae", "vae"]


@pytest.mark.parametrize(
    ("page", "data", "key"),
    every(
        3,
        [
            ("training", "emoji", "recorded"),
            ("generate", "ecg", "conditional-of"),
            ("how-a-vae-thinks", "emoji", "betas-of"),
        ],
    ),
)
def test_what_a_data_set_lacks_is_a_click_away_on_one_that_has_it(page: str, data: str, key: str) -> None:
    app = apptest.opened(page, data=data)
    buttons = [button for button in app.button if str(button.key).startswith(f"{key}-")]
    assert "See MNIST" in [button.label for button in buttons]
    buttons[0].click().run()
    assert app.query_params.get("data") in (None, ["fashion"], ["mnist"])
    assert not [button for button in app.button if str(button.key).startswith(f"{key}-")]


@pytest.mark.parametrize("damage", ["truncated", "other size", "too many numbers", "rows beyond the data"])
@pytest.mark.long
def test_a_damaged_recording_is_told_of_and_the_other_shown(zoo: Path, damage: str) -> None:
    path = zoo / "mnist-ae-2d" / RECORDING
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:500])
    else:
        sound = recording()
        wrong = {
            "other size": recording(side=32),
            "too many numbers": recording(latent_dim=3),
            "rows beyond the data": replace(sound, rows=sound.rows + 9_990),
        }
        save_recording(path, wrong[damage])
    app = opened()
    assert parts(app) == 1
    assert "train the model again with --record" in app.warning[0].value


def test_other_items_in_the_second_recording_leave_the_first(zoo: Path) -> None:
    path = zoo / "mnist-vae-2d" / RECORDING
    save_recording(path, replace(load_recording(path), rows=np.arange(40, 80, dtype=np.int32)))
    app = opened()
    assert parts(app) == 1
    assert "other items" in app.warning[0].value


def test_a_new_recording_replaces_the_one_that_was_read(zoo: Path) -> None:
    assert training_films.recording_of("mnist", "deterministic", ()).course.steps[-1] == 100
    path = zoo / "mnist-ae-2d" / RECORDING
    save_recording(path, replace(recording(), steps=np.array([0, 1, 5, 20, 999], np.int32)))
    assert training_films.recording_of("mnist", "deterministic", ()).course.steps[-1] == 999


def test_the_model_of_the_header_comes_first(zoo: Path) -> None:
    shutil.copytree(zoo / "mnist-ae-2d", zoo / "mnist-ae-another")
    apptest.forget()
    assert training_films.recording_of("mnist", "deterministic", ()).card.name == "mnist-ae-2d"
    assert training_films.recording_of("mnist", "deterministic", ["mnist-ae-another"]).card.name == "mnist-ae-another"
    assert training_films.recording_of("emoji", "deterministic", ()) is None


def test_codes_of_more_than_two_numbers_are_seen_along_the_last_steps_principal_directions() -> None:
    codes = np.random.default_rng(0).normal(size=(3, 50, 5)).astype(np.float32)
    codes[-1, :, 1] *= 9
    codes[-1, :, 3] *= 4
    seen = training_films.plane(codes)
    assert seen.shape == (3, 50, 2)
    assert [abs(np.corrcoef(seen[-1, :, axis], codes[-1, :, at])[0, 1]) for axis, at in ((0, 1), (1, 3))] > [0.99] * 2
    assert not training_films.plane(np.zeros_like(codes)).any(), "the origin stays the origin"
    np.testing.assert_array_equal(training_films.plane(codes[..., :2]), codes[..., :2])
    assert training_films.plane(codes[..., :1]).shape == (3, 50, 2)


@pytest.mark.parametrize(
    "dataset", ["ecg", *(pytest.param(name, marks=pytest.mark.long) for name in ("wage", "power", "shuttle", "names"))]
)
def test_the_recordings_of_every_data_set_are_shown(dataset: str) -> None:
    app = opened(data=dataset)
    assert parts(app) == 1
    assert not app.info
    assert not app.warning
    size = models.zoo()[dataset]["vae"].latent_dim
    assert any(f"N(0, I) has {size**0.5:.3g} in {size} dimensions" in text.value for text in app.caption)


@pytest.mark.long
def test_a_class_that_was_left_out_is_told_beside_the_figures() -> None:
    assert any("Learned without the class “anomaly”" in text.value for text in opened(data="shuttle").caption)
    assert not any("Learned without" in text.value for text in opened(data="ecg").caption)


def test_charts_hold_what_was_recorded(zoo: Path) -> None:
    films = [training_films.recording_of("mnist", code, ()) for code in ("deterministic", "gaussian")]
    charts = {chart.title: chart for chart in training_films.charts(films)}
    assert list(charts) == [
        "Loss (nats)",
        "KL to the prior (nats)",
        "Spread of the codes",
        "Separation of the classes",
        "kNN accuracy of the codes",
    ]
    recorded = recording()
    loss = charts["Loss (nats)"].lines
    assert [line.label for line in loss] == ["AE 2", "VAE 2", "AE 2, reconstruction", "VAE 2, reconstruction"]
    np.testing.assert_array_equal(loss[0].values, recorded.figures[:, 0])
    np.testing.assert_array_equal(charts["KL to the prior (nats)"].lines[1].values, recorded.figures[:, 2])
    spread = charts["Spread of the codes"].lines[0]
    np.testing.assert_allclose(spread.values, spread.values[0] * np.arange(1, FRAMES + 1), rtol=1e-3)
    assert spread.texts[-1] == f"{spread.values[-1]:.3g}"
    assert charts["kNN accuracy of the codes"].lines[0].texts[0].endswith(" %")


# ---- The verdict.


def course(*spreads: float, separation: tuple[float, float] = (0.2, 2.0)) -> Course:
    count = len(spreads)
    return Course(
        steps=np.arange(count, dtype=np.int32) * 1000,
        spread=np.array(spreads),
        separation=np.linspace(*separation, count),
        knn_accuracy=np.linspace(0.2, 0.75, count),
    )


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (course(0.0003, 3, 11.4), "No: spread 0.0003 before the first step, 11.4 after the last. The codes spread "
         "out."),
        (course(0.1, 11.7, 11.4), "No: "),
        (course(0.1, 1.72, 1.41), "In part: spread 0.1 before the first step, 1.41 after the last. The codes spread "
         "out to 1.72 at step 1,000, then draw together."),
        (course(5, 3, 2), "Yes: spread 5 before the first step, 2 after the last."),
        (course(1, 2, separation=(0.24, 2.1)), "Each class does draw together, compared with the distances "
         "between classes: separation from 0.24 to 2.10, kNN accuracy from 20 % to 75 %."),
        (course(1, 2, separation=(1, 0.5)), "No class draws together"),
    ],
)  # fmt: skip
def test_the_verdict_follows_the_numbers(measured: Course, said: str) -> None:
    assert said in training_films.course_sentence(measured)


# ---- The animation.


def test_the_animation_spends_its_time_where_points_move() -> None:
    steps = np.arange(41)
    moving = np.clip(steps - 20, 0, 10)[:, None, None] * np.ones((1, 5, 2))
    tiles = np.zeros((41, 4, 4, 4, 1), np.uint8)
    shown, times = training_gif.paced([Film("AE", "#D55E00", steps, moving, tiles[0], tiles, tiles)], steps)
    assert (shown[0], shown[-1]) == (0, 40)
    assert min(times) >= 40
    assert sum(times[:-1]) == pytest.approx(40 * 140, rel=0.02), "as long as with even frames"
    spent = sum(time for row, time in zip(shown, times[:-1], strict=False) if 17 <= row < 30)
    assert spent > 0.7 * sum(times[:-1])
    still = Film("AE", "#D55E00", steps, 0 * moving, tiles[0], tiles, tiles)
    assert sum(training_gif.paced([still], steps)[1][:-1]) == pytest.approx(40 * 140, rel=0.02)


def test_the_animation_has_a_frame_for_each_step_and_shows_the_samples_and_classes() -> None:
    random = np.random.default_rng(1)
    labels = np.repeat([0, 6], 30)
    places = random.normal(size=(3, 60, 2)) * 0.2 + np.array([[-5, 0], [5, 0]])[labels // 6]
    tiles = np.tile(np.array([0, 64, 128], np.uint8).reshape(3, 1, 1, 1, 1), (1, 8, 4, 4, 1))
    films = [
        Film("AE", "#D55E00", [0, 1, 9], places, tiles[0], tiles, tiles),
        Film("VAE", "#0072B2", [0, 9, 40], places, tiles[0], tiles, tiles),
    ]
    animation = Image.open(io.BytesIO(training_gif.gif(films, labels)))
    assert animation.n_frames == 3
    light = []
    for frame in range(3):
        animation.seek(frame)
        picture = np.asarray(animation.convert("RGB")).astype(int)
        light.append((int(picture[-20, 40, 0]), int(picture[-20, -40, 0])))
        half = picture[:, : picture.shape[1] // 2]
        for label, side in ((0, half[:, : half.shape[1] // 2]), (6, half[:, half.shape[1] // 2 :])):
            colour = np.array([int(palette.CLASSES[label][at : at + 2], 16) for at in (1, 3, 5)])
            assert (np.abs(side - colour).max(2) < 12).sum() > 50, "the dots of a class lie on its side"
    # The longest film leads: at step 9 the first has its last frame, at 0 and 40 both are at their ends.
    np.testing.assert_allclose(light, [(0, 0), (128, 64), (128, 128)], atol=3)
