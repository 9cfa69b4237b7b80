"""The command `aeviz`: open the app, list, train and measure models."""

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aeviz.app import proxies, sharing
from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES
from aeviz.datasets.splits import part
from aeviz.errors import CheckpointError, DataError
from aeviz.importers import own_data, own_models
from aeviz.importers.data.answers import COLUMN_TYPES, DELIMITERS, FITS, GROUNDS, LAYOUTS, TURNS, DataStatement
from aeviz.importers.files.zips import ArchiveError
from aeviz.importers.models.activations import ACTIVATIONS, slope_of
from aeviz.importers.models.statement import OPTIONS
from aeviz.modalities.registry import MODALITIES
from aeviz.model.likelihoods import LIKELIHOODS
from aeviz.paths import app_file, models_folder
from aeviz.store.checkpoints import VARIABLE as MODELS
from aeviz.store.checkpoints import further_folders, survey
from aeviz.version import __version__

if TYPE_CHECKING:
    from aeviz.model.config import Config
    from aeviz.model.families import Family

TRAINING = (
    "epochs",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "gradient_clip",
    "binarize",
    "record",
    "without",
)
READING = (  # of `DataStatement`
    "modality", "rate", "unit", "delimiter", "encoding", "header", "layout", "fit", "ground", "turn", "part", "labels",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. What goes wrong is said in a line, not a traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(words)
    try:
        _look_in(options.models)
        return int(options.run(options, words) or 0)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except (CheckpointError, DataError, ArchiveError, ValueError) as error:
        print(f"aeviz: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """The words that `aeviz` understands."""
    top = argparse.ArgumentParser(prog="aeviz", description="See the latent spaces of autoencoders and VAEs.")
    top.add_argument("--version", action="version", version=f"aeviz {__version__}")
    top.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps (also: AEVIZ_DEVICE)")
    top.add_argument("--port", type=int, default=8501, help="port of the app (8501)")
    top.add_argument(
        "--models", type=Path, action="append", default=[], metavar="DIR",
        help="further models: a folder of them, or one, in any form that is read; may be repeated (also: AEVIZ_MODELS)",
    )  # fmt: skip
    top.add_argument(
        "--open", type=_link, metavar="LINK",
        help="open the browser at a link to a view, such as 'map?data=fashion&colour=error', or a whole address",
    )  # fmt: skip
    top.add_argument("--share", action="store_true", help="open the app to the network, not only to this machine")
    top.add_argument(
        "--password", action="store_true", help="ask visitors for a password: AEVIZ_PASSWORD, or a new one"
    )
    top.set_defaults(run=open_app)
    commands = top.add_subparsers(title="commands", metavar="")

    listing = commands.add_parser("models", help="list the checkpoints, or say what models of your own are")
    listing.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="a file or folder, in any form that is read"
    )
    listing.add_argument("--json", action="store_true", help="as JSON, with all figures")
    listing.set_defaults(run=list_models)

    health = commands.add_parser("health", help="say what a model is and how it is: the report of the page Your own")
    _model_arguments(health)
    _statement_arguments(health)
    health.set_defaults(run=report_health)

    export = commands.add_parser(
        "export",
        help="write views as one HTML file that opens anywhere, or a model as ONNX; needs aeviz[onnx] for that",
    )
    export.add_argument(
        "views", nargs="*", metavar="VIEW",
        help="a link from the app's address bar, or a page's name, such as decode?data=fashion; with --onnx a model",
    )  # fmt: skip
    export.add_argument("--onnx", action="store_true", help="a model's name or folder as encoder.onnx and decoder.onnx")
    export.add_argument(
        "--site", type=Path, metavar="DIR",
        help="write pages for any static server, with one copy of models and data; of one VIEW, all pages of its pair",
    )  # fmt: skip
    export.add_argument("--title", default="", help="of the page")
    export.add_argument(
        "-o", "--out", type=Path, metavar="PATH", help="the file to write (lesson.html), or the folder (NAME-onnx)"
    )
    export.set_defaults(run=write_export)

    measure = commands.add_parser(
        "evaluate", help="measure a model on its test split; writes a checkpoint's metrics.json"
    )
    _model_arguments(measure)
    measure.add_argument(
        "--nll-samples", type=int, help="importance samples for −log p(x) of a VAE (0: none; default: keep or measure)"
    )
    measure.add_argument(
        "--nll-precision", choices=("float32", "bfloat16"), default="float32", help="of the decoder there"
    )
    measure.set_defaults(run=evaluate)

    maps = commands.add_parser("maps", help="compute a model's PCA, t-SNE and UMAP; writes maps.npz")
    _model_arguments(maps)
    maps.add_argument("-o", "--out", type=Path, metavar="DIR", help="where the maps of a model of your own go (here)")
    maps.set_defaults(run=make_maps)

    judge = commands.add_parser("classifier", help="train the small classifier that judges decoded random codes")
    judge.add_argument("dataset", choices=sorted(SOURCES))
    judge.add_argument("--epochs", type=int, default=8, help="passes over the training split (8)")
    judge.set_defaults(run=classifier)

    enlarge = commands.add_parser("upscaler", help="train the small network that enlarges pictures without a code")
    enlarge.add_argument("dataset", choices=sorted(SOURCES))
    enlarge.set_defaults(run=upscaler)

    ahead = commands.add_parser(
        "rates", help="measure rate against distortion over all items of a bundled data set, which Compress reads"
    )
    ahead.add_argument("dataset", choices=sorted(SOURCES))
    ahead.add_argument("names", nargs="*", metavar="MODEL", help="of these models alone (without: of other codecs)")
    ahead.set_defaults(run=measure_rates)

    fit = commands.add_parser("train", help="fit a family on a data set; needs aeviz[train]")
    _training_arguments(fit)
    fit.set_defaults(run=train)
    return top


def _model_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", help="a model's name, Hub id or path, in any form that is read")
    command.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    command.add_argument("--data", metavar="NAME|FILE", help="the data, where it is not the model's own that is meant")


def _statement_arguments(command: argparse.ArgumentParser) -> None:
    stating = command.add_argument_group("What a model's files do not tell")
    stating.add_argument("--shape", type=int, nargs=3, metavar=("C", "H", "W"), help="of a picture")
    for name, options in OPTIONS.items():
        if options is ACTIVATIONS:
            words = f"{', '.join(options)}, or leaky_relu_0.15 for any slope"
            stating.add_argument(f"--{name}", type=_activation, metavar="NAME", help=words)
        else:
            stating.add_argument(f"--{name}", choices=tuple(options))
    stating.add_argument("--encoder", metavar="FILE", help="which of two ONNX files is the encoder")


def _training_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("family", help="ae, vae, dae, … (a wrong name lists them all)")
    command.add_argument(
        "dataset", type=_dataset, help=f"{', '.join(sorted(SOURCES))}, or a file of your own, such as mine.csv"
    )
    _reading_arguments(command)
    command.add_argument("--name", help="of the checkpoint (DATASET-FAMILY, and -Nd for another code size)")
    command.add_argument("--latent", "--latent-dim", type=int, dest="latent_dim", help="code size (the family's)")
    command.add_argument("--likelihood", choices=tuple(LIKELIHOODS))
    command.add_argument(
        "--body",
        "--network",
        metavar="NAME",
        help="conv, dense, … (a wrong name lists them all)",
    )
    command.add_argument(
        "--option", nargs="*", type=_option, metavar="NAME=VALUE", help="settings of the body, such as width=64"
    )
    command.add_argument("--channels", type=int, nargs="*", help="of each strided convolution")
    command.add_argument("--hidden", type=int, nargs="*", help="widths of the dense layers")
    command.add_argument("--epochs", type=int)
    command.add_argument("--batch-size", type=int)
    command.add_argument("--learning-rate", type=float)
    command.add_argument("--weight-decay", type=float)
    command.add_argument("--gradient-clip", type=float, help="the longest that a step's gradient may be (200)")
    command.add_argument("--spread", type=float, help="of the likelihood's noise, in the data's own unit")
    command.add_argument("--without", metavar="LABEL", help="leave a class out of the training split")
    command.add_argument("--binarize", action="store_true", default=None, help="train on fresh Bernoulli draws")
    command.add_argument("--record", action="store_true", default=None, help="keep frames for the Training replay")
    command.add_argument(
        "--objective", nargs="*", type=_setting, metavar="NAME=NUMBER", help="settings of the loss, such as beta=4"
    )
    command.add_argument(
        "--corruption",
        nargs="+",
        metavar="NAME",
        help="train a DAE for these alone, such as half, low-resolution, grey",
    )
    command.add_argument("--size", type=float, metavar="LEVEL", help="the level of corruption that it always meets")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--out", type=Path, help="folder of the checkpoints (models/)")
    lightning = command.add_argument_group("Lightning's trainer")
    lightning.add_argument("--accelerator", default="auto")
    lightning.add_argument("--devices", default="auto")
    lightning.add_argument("--strategy", default="auto")
    lightning.add_argument("--num-nodes", type=int, default=1)


def _reading_arguments(command: argparse.ArgumentParser) -> None:
    reading = command.add_argument_group("How a file of your own is read, where it is not as found")
    reading.add_argument("--modality", choices=sorted(MODALITIES))
    reading.add_argument(
        "--column", nargs="*", type=_column, dest="columns", metavar="NAME=TYPE",
        help=f"what a column is: {', '.join(COLUMN_TYPES)}",
    )  # fmt: skip
    reading.add_argument("--rate", type=float, help="values of a series in a second (Hz)")
    reading.add_argument("--unit", help="of a value of a series")
    reading.add_argument("--delimiter", choices=tuple(DELIMITERS), help="what parts the cells of a text")
    reading.add_argument("--encoding", help="of a text, such as cp1252")
    reading.add_argument("--layout", choices=tuple(LAYOUTS), help="where the channels of arrays of pictures stand")
    reading.add_argument("--fit", choices=tuple(FITS), help="how pictures come into their frame")
    reading.add_argument("--ground", choices=tuple(GROUNDS), help="of bars, and of what is transparent in a picture")
    reading.add_argument("--turn", choices=tuple(TURNS), help="what puts pictures upright that are not")
    reading.add_argument("--part", help="of a file that holds several, such as train, or all")
    reading.add_argument("--labels", help="the array, or the column of a table beside pictures, that gives the classes")
    reading.add_argument("--header", action=argparse.BooleanOptionalAction, help="whether the first line names columns")


def _look_in(folders: Sequence[Path]) -> None:
    """Add folders to AEVIZ_MODELS, where this process and the app's look for checkpoints."""
    for folder in folders:
        if not folder.expanduser().exists():
            raise ValueError(f"--models {folder}: there is no such file or folder.")
    if folders:
        paths = [str(folder.expanduser().resolve()) for folder in folders]
        os.environ[MODELS] = os.pathsep.join(filter(None, [*paths, os.environ.get(MODELS)]))


def open_app(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Serve the app, on this machine or to the network, and open the browser."""
    from aeviz.device import VARIABLE, choose

    environment = {"OMP_NUM_THREADS": "1", **os.environ}  # many visitors share the cores better so
    if options.device != "auto":
        environment[VARIABLE] = str(choose(options.device))
    password = sharing.asked_for(options.password)
    if password:
        environment[sharing.PASSWORD] = password
    if further := further_folders():  # the app starts in a folder of its own
        environment[MODELS] = os.pathsep.join(str(folder.resolve()) for folder in further)
    command = [sys.executable, "-m", "streamlit", "run", str(app_file()), "--server.port", str(options.port)]
    proxy = proxies.find(options.port)
    if proxy:
        command += [part for name, value in proxy.settings.items() for part in _setting_of_server(name, value)]
    if options.share:
        print(sharing.announcement(options.port, password), flush=True)
        # Streamlit's own greeting would ask the internet for an address.
        quiet = ["--logger.hideWelcomeMessage", "true", "--browser.serverAddress", "localhost"]
        command += ["--server.address", sharing.ALL_ADDRESSES, *quiet]
    elif password:
        print(f"Password: {password}", flush=True)
    if options.open is not None:
        from aeviz.app import serving

        command += ["--server.headless", "true"]  # or Streamlit would open its own page
        serving.browse_when_ready(f"http://localhost:{options.port}", options.open)
    if not options.share and (proxy or proxies.remark(options.port, proxy)):
        from aeviz.app import serving

        serving.tell_when_ready(f"http://localhost:{options.port}", options.port, proxy)
    # Streamlit reads .streamlit/config.toml beside the folder it starts in.
    return subprocess.call(command, cwd=app_file().parent, env=environment)


def _setting_of_server(name: str, value: Any) -> list[str]:
    """A setting of Streamlit as its command takes it: an option for each of several values."""
    values = value if isinstance(value, list) else [value]
    return [part for each in values for part in (f"--{name}", str(each))]


def list_models(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Print the zoo as a table or JSON; what cannot be loaded is named with the reason."""
    if options.paths:
        return _describe(options.paths, options.json)
    cards = [*survey(), *(card for _, card in own_models.foreign(further_folders()))]
    sound = [card for card in cards if card.problem is None]
    if options.json:
        fields = ("name", "family", "dataset", "latent_dim", "code", "metrics", "config")
        print(json.dumps([{field: getattr(card, field) for field in fields} for card in sound], indent=2))
    else:
        print(f"{'name':<20} {'family':<7} {'data set':<9} {'code':>4}  {'error':>8}  {'−ELBO':>7}")
        for card in sound:
            error = MODALITIES[card.config.get("modality") or "image"].error.key
            numbers = [_number(card.metrics.get(key), digits) for key, digits in ((error, 5), ("neg_elbo", 2))]
            start = f"{card.name:<20} {card.family:<7} {card.dataset:<9} {card.latent_dim:>4}"
            print(f"{start}  {numbers[0]:>8}  {numbers[1]:>7}")
    for card in cards:
        if card.problem:
            print(f"{card.name}: left out. {card.problem}", file=sys.stderr)
    if not sound:
        print(f"No checkpoint in {models_folder()}. Train one: aeviz train vae mnist", file=sys.stderr)
    return 0


def _describe(paths: Sequence[Path], as_json: bool) -> int:
    """Say what models at paths are, and what was taken for granted of them."""
    described = []
    for path in paths:
        inside = own_models.foreign_paths([path.expanduser()])
        for model in inside or [path]:
            loaded = own_models.read(model)
            fields = {
                field: getattr(loaded.card, field) for field in ("name", "family", "latent_dim", "code", "config")
            }
            described.append(fields | {"title": loaded.title, "notes": loaded.notes})
            if not as_json:
                print("\n".join([f"{loaded.name}: {loaded.title} · {own_models.facts(loaded)}", *loaded.notes]))
    if as_json:
        print(json.dumps(described, indent=2))
    return 0


def report_health(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Print the report on a model; the exit status is 0 whatever it finds."""
    stated = _stated(options, "shape", *OPTIONS, "encoder")
    if "shape" in stated:
        stated["shape"] = tuple(stated["shape"])
    own_models.report(options.name, options.device, options.data, stated)
    return 0


def write_export(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Write views as a page, or a model as ONNX."""
    if options.onnx:
        return _write_onnx(options)
    if not options.views and not options.site:
        raise ValueError("Name a view, such as decode, or a link from the app's address bar.")
    # Before torch is loaded: its threads would wait for each other with all their might, three times the work of a CPU
    # that has others to do.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from aeviz.app.saving.export import FILE, export

    print(export(*options.views, to=options.out or FILE, site=options.site, title=options.title))
    return 0


def _write_onnx(options: argparse.Namespace) -> int:
    from aeviz.store.checkpoints import load, locate
    from aeviz.store.onnx_export import export

    if len(options.views) != 1:
        raise ValueError("--onnx writes one model at a time.")
    folder = locate(options.views[0])
    print(export(load(folder, "cpu"), options.out or Path(f"{folder.name}-onnx")))
    return 0


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def evaluate(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Measure a checkpoint, print its figures and write them and its card."""
    from aeviz.evaluation import checkpoint

    with _bar() as progress:
        written = checkpoint.evaluate(
            options.name,
            data=options.data,
            device=options.device,
            nll_samples=options.nll_samples,
            nll_precision=options.nll_precision,
            progress=progress,
        )
    for key, value in written["metrics"].items():
        print(f"{key:<16} {value}")
    if options.data is not None or own_models.checkpoint_of(options.name) is None:
        return 0
    return _write_card(options.name)


def make_maps(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Compute a checkpoint's maps."""
    from aeviz.evaluation import checkpoint

    given = _stated(options, "data", "out")
    with _bar() as progress:
        path = checkpoint.write_maps(options.name, device=options.device, progress=progress, **given)
    print(path)
    return 0


def classifier(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Train a data set's classifier, whose features the Fréchet distance is measured in."""
    from aeviz.evaluation.features import FOLDER, train_classifier

    with _bar() as progress:
        card = train_classifier(options.dataset, epochs=options.epochs, progress=progress)
    print(f"{FOLDER / options.dataset}.safetensors names {card.accuracy:.2%} of the test split right")
    return 0


def upscaler(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Train a data set's upscaler, which stands beside the models that repair low resolution."""
    from aeviz.evaluation.upscaling import FOLDER, train_upscaler

    with _bar() as progress:
        card = train_upscaler(options.dataset, progress=progress)
    print(f"{FOLDER / options.dataset}.safetensors: {card.psnr:.2f} dB, SSIM {card.ssim:.3f}, {card.weights:,} weights")
    return 0


def measure_rates(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Measure what Compress draws over all items: classical codecs and PCA, or the models that are named."""
    from aeviz.datasets.sources import load_dataset
    from aeviz.evaluation import rates
    from aeviz.latent.explorer import Explorer
    from aeviz.store.checkpoints import digests, load, locate

    data = load_dataset(options.dataset)
    measured = [(name, digests(locate(name)), rates.of_model(name, Explorer(load(name)))) for name in options.names]
    measured = measured or [(name, {}, fit) for name, fit in rates.fits(data).items()]
    for name in rates.write(data, measured):
        print(f"{rates.FOLDER / data.name}.json: {name}")
    return 0


def train(options: argparse.Namespace, words: Sequence[str]) -> int:
    """Fit a model and write its checkpoint."""
    from aeviz.model.config import Config
    from aeviz.model.families import FAMILIES

    try:
        from aeviz.training.fitting import Training
        from aeviz.training.fitting import train as fit
    except ModuleNotFoundError as error:
        raise ValueError(f"Training needs {error.name}: pip install 'aeviz[train]'.") from error
    if options.family not in FAMILIES:
        raise ValueError(f"Unknown family {options.family!r}: expected one of {', '.join(FAMILIES)}.")
    family = FAMILIES[options.family]
    data, count, split = _data(options)
    data |= {"family": family.name, "code": family.code}
    stated = _stated(options, "latent_dim", "likelihood", "body", "channels", "hidden", "seed", "spread")
    if options.option is not None:
        stated["options"] = dict(options.option)
    if objective := objective_of(options, family, data["modality"], data["shape"]):
        stated["objective"] = {**family.config.get("objective", {}), **objective}
    classes = {"classes": count} if "classes" in family.config else {}
    fields = {**data, **family.config, **classes, **stated}
    if "latent_dim" not in fields:
        raise ValueError(f"The family {family.name!r} has no usual code size: state one with --latent.")
    config = Config(**fields)
    training = Training(**_stated(options, *TRAINING))
    name = options.name or default_name(config, options.corruption or ())
    folder = (options.out or models_folder()) / name
    trainer = {key: getattr(options, key) for key in ("accelerator", "devices", "strategy", "num_nodes")}
    fit(config, training, folder, command=_command(words), trainer=trainer, split=split)
    print(folder)
    return _write_card(folder)


def objective_of(
    options: argparse.Namespace, family: "Family", modality: str, shape: Sequence[int]
) -> dict[str, float]:
    """Settings of the loss that a command line states: by their names, and by the corruptions to learn from alone.

    Each of those is met in as many batches as the others. Raises ValueError for one that there is not.
    """
    stated = dict(options.objective or ())
    if options.corruption is None and options.size is None:
        return stated
    if not family.corrupts:
        raise ValueError(f"--corruption and --size are for families that learn from damaged items, not {family.name}.")
    chosen = options.corruption or ()
    for name in chosen:
        if not MODALITIES[modality].corruption(name).suits(tuple(shape)):
            raise ValueError(f"{name!r} does not suit items of the shape {tuple(shape)}.")
    level = {} if options.size is None else {"level": options.size}
    shares = {row.name: float(row.name in chosen) for row in MODALITIES[modality].corruptions} if chosen else {}
    return {**level, **shares, **stated}


def _data(options: argparse.Namespace) -> tuple[dict[str, Any], int, Callable[[str], Dataset] | None]:
    """What a config says of the data, how many classes they have, and the splits of a person's own file."""
    given = _stated(options, *READING)
    if options.columns:
        given["columns"] = dict(options.columns)
    if not own_data.is_file(options.dataset):
        if given:
            raise ValueError(f"{options.dataset} is a data set of aeviz: {', '.join(given)} cannot be stated of it.")
        source = SOURCES[options.dataset]
        known = {"shape": source.shape, "modality": source.modality, "columns": source.scale(source).widths}
        return {**known, "dataset": options.dataset}, len(source.label_names), None
    statement = DataStatement(**given)
    read = own_data.read_file(options.dataset, statement)
    for note in read.notes:
        print(note, file=sys.stderr)
    data = read.dataset
    known = {"shape": data.shape, "modality": data.modality.name, "columns": data.scale.widths, "dataset": data.name}
    return (
        known | {"data": own_data.stated_in_config(options.dataset, statement, data)},
        len(data.label_names),
        partial(part, data),
    )


def _command(words: Sequence[str]) -> str:
    """The command line for the card, without the folder it wrote to."""
    arguments = list(words)
    if "--out" in arguments:
        index = arguments.index("--out")
        del arguments[index : index + 2]
    return "aeviz " + shlex.join(arguments)


def _setting(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=NUMBER, such as beta=4") from None


def _link(text: str) -> str:
    """The path and query of a link to a page."""
    from aeviz.app.panels import presentation

    try:
        return presentation.link_of(text).path
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _dataset(text: str) -> str:
    """The name of a data set, or a file that is there."""
    try:
        own_data.is_file(text)
    except DataError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _activation(text: str) -> str:
    if text not in ACTIVATIONS and slope_of(text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(ACTIVATIONS)}, or leaky_relu_0.15")
    return text


def _column(text: str) -> tuple[str, str]:
    name, _, type_ = text.rpartition("=")
    if not name or type_ not in COLUMN_TYPES:
        known = ", ".join(COLUMN_TYPES)
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=TYPE, where a type is one of {known}")
    return name, type_


def _option(text: str) -> tuple[str, float | str]:
    """A setting of a body: a number, or a word."""
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE, such as width=64")
    try:
        return name, int(value)
    except ValueError:
        pass
    try:
        return name, float(value)
    except ValueError:
        return name, value


def _stated(options: argparse.Namespace, *names: str) -> dict[str, Any]:
    return {name: getattr(options, name) for name in names if getattr(options, name) is not None}


def default_name(config: "Config", corruptions: Sequence[str] = ()) -> str:
    """What a checkpoint is called: DATASET-FAMILY, the corruptions that it alone is trained for, and -Nd.

    The last where the code size is not the family's usual one.
    """
    from aeviz.model.families import FAMILIES

    usual = FAMILIES[config.family].config.get("latent_dim")
    size = "" if config.latent_dim == usual else f"-{config.latent_dim}d"
    return "-".join([config.dataset, config.family, *corruptions]) + size


def _write_card(name: str | Path) -> int:
    from aeviz.evaluation.readme import write_card

    write_card(name)
    return 0


class _bar:
    """A progress bar on the terminal, driven by (share done, stage)."""

    def __enter__(self) -> Any:
        from tqdm import tqdm

        self.bar = tqdm(total=1.0, bar_format="{percentage:3.0f}% {bar} {elapsed} {desc}")
        return self.update

    def update(self, share: float, stage: str) -> None:
        self.bar.n = min(share, 1.0)
        self.bar.set_description_str(stage)

    def __exit__(self, *failure: object) -> None:
        self.bar.close()


if __name__ == "__main__":
    sys.exit(main())
