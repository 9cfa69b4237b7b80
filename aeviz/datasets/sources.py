"""The data sets that aeviz knows by name, and how they are loaded: bundled test splits and full training sets.

Emoji, beats, days, sensors, wages and names are bundled whole. The full sets of MNIST and Fashion-MNIST come from the
folder named by AEVIZ_DATA_DIR (with sub-folders as in `SOURCES`, holding the published idx .gz files), or are
downloaded once into the user's cache folder. The app needs neither.
"""

from functools import lru_cache

from aeviz.datasets import files, signals, tables, texts
from aeviz.datasets.record import Dataset, Source
from aeviz.datasets.splits import parted
from aeviz.errors import DataError
from aeviz.modalities.base import Scale
from aeviz.modalities.registry import MODALITIES

SPLITS = ("train", "test")
STOPS = (3, 2, 1, 18, 4, 8, 11, 0, 61, 7)  # one of each digit in MNIST

BEATS, DAYS = parted(signals.beats), parted(signals.days)
SHUTTLE, WAGE = parted(tables.shuttle), parted(tables.wage)
NAMES = parted(texts.names)

SOURCES = {
    "mnist": Source(
        title="MNIST",
        folder="mnist",
        baselines=("features",),
        read=files.read_published,
        examples=STOPS,
        drawing="mnist",
        shape=(1, 28, 28),
        url="https://ossci-datasets.s3.amazonaws.com/mnist/",
        label_names=tuple("0123456789"),
        credit="Yann LeCun, Corinna Cortes and Christopher J. C. Burges: handwritten digits.",
        licence="commonly listed as CC BY-SA 3.0; the original page states none",
        md5={
            "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
            "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
            "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
            "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
        },
    ),
    "fashion": Source(
        title="Fashion-MNIST",
        folder="fashion-mnist",
        baselines=("features",),
        read=files.read_published,
        examples=STOPS,
        shape=(1, 28, 28),
        url="http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        label_names=(
            "T-shirt",
            "trouser",
            "pullover",
            "dress",
            "coat",
            "sandal",
            "shirt",
            "sneaker",
            "bag",
            "ankle boot",
        ),
        credit="Han Xiao, Kashif Rasul and Roland Vollgraf, Zalando SE: articles of clothing.",
        licence="MIT",
        md5={
            "train-images-idx3-ubyte.gz": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
            "train-labels-idx1-ubyte.gz": "9018921c3c673c538a1fc5bad174d6f9",
            "t10k-images-idx3-ubyte.gz": "8181f5470baa50b63fa0f6fddb340f0a",
            "t10k-labels-idx1-ubyte.gz": "15d484375f8d13e6eb1aabb0c3f46965",
        },
    ),
    "emoji": Source(
        title="Emoji",
        folder="emoji",
        few="A network had 1,528 pictures of ten categories to learn from; of MNIST's digits it has 60,000.",
        baselines=("features",),
        read=files.read_sheet,
        examples=STOPS,
        shape=(3, 32, 32),
        url="",
        label_names=(
            "activities",
            "animals & nature",
            "component",
            "flags",
            "food & drink",
            "objects",
            "people & body",
            "smileys & emotion",
            "symbols",
            "travel & places",
        ),
        credit="Google, Noto Emoji: 1,911 pictures, scaled to 32×32 on white.",
        licence="Apache 2.0",
        md5={files.SHEET: "96f1718600b9267c37576bb893625e1c"},
    ),
    "ecg": Source(
        title="Heart beats",
        folder="ecg",
        baselines=("mean", "pca", "repair", "features"),
        read=BEATS[0],
        scale=BEATS[1],
        modality="series",
        shape=(1, 64),
        url="",
        label_names=("narrow", "wide"),
        unusual="wide",
        note="A beat is wide where its R peak is wider than 44 ms at half its height, else narrow: our own rule, not a "
        "cardiologist's diagnosis. Time counts from the R peak.",
        noun="beat",
        credit="George Moody and Roger Mark, MIT-BIH Arrhythmia Database, PhysioNet: record 208, one lead. Cut into "
        "beats and parted by the width of their peak here, not by a cardiologist.",
        licence="ODC-By 1.0",
        md5={"ecg_mitbih208.npz": "e55eada8a1ee837b57e609e8c7341beb"},
    ),
    "power": Source(
        title="Power demand",
        folder="power",
        baselines=("mean", "pca", "repair", "features"),
        read=DAYS[0],
        scale=DAYS[1],
        modality="series",
        shape=(1, 24),
        url="",
        label_names=("winter", "summer"),
        noun="day",
        note="Published without its level: each day is standardised by itself, so values are standard deviations (SD) "
        "from that day's mean, and a day of high demand looks like one of low demand. Winter is October to March, "
        "summer April to September.",
        credit="Eamonn Keogh et al., UCR time series archive: ItalyPowerDemand, days of power demand in Italy, "
        "standardised day by day as published.",
        licence="the archive asks to be cited",
        md5={
            "italy_power_TRAIN.ts.gz": "5b8ff57b23e07dfa4913ac19e402db52",
            "italy_power_TEST.ts.gz": "5b922219fc85af1fa441fde521f7a25d",
        },
    ),
    "shuttle": Source(
        title="Shuttle sensors",
        folder="shuttle",
        baselines=("mean", "pca", "repair", "forest", "imputers", "features"),
        read=SHUTTLE[0],
        scale=SHUTTLE[1],
        modality="table",
        shape=(9,),
        url="",
        label_names=("normal", "anomaly"),
        unusual="anomaly",
        note="Nine sensors, f1 to f9, published as whole numbers without names or units. Bars show them in standard "
        "units: standard deviations from the mean, three to either end.",
        credit="Jason Catlett, NASA: Statlog (Shuttle), UCI Machine Learning Repository, in the form "
        "of the ODDS library.",
        licence="listed by UCI as CC BY 4.0",
        md5={"shuttle.csv.gz": "9395761b4238961f7427e8046d44d942"},
    ),
    "wage": Source(
        title="Wages",
        folder="wage",
        baselines=("pca", "repair", "imputers", "features"),
        read=WAGE[0],
        scale=WAGE[1],
        modality="table",
        shape=(23,),
        url="",
        label_names=("no high school", "high school", "some college", "college", "advanced degree"),
        noun="person",
        plural="people",
        note="The class is the education, which the networks see too. Beside an item, bars of numbers run from the "
        "column's mean, three standard deviations to either end; those of categories are as long as the category is "
        "likely.",
        credit="US Census Bureau, Current Population Survey: 3,000 men of the Mid-Atlantic states, as distributed with "
        "An Introduction to Statistical Learning.",
        licence="public domain; package ISLP: BSD",
        md5={"wage.csv.gz": "e356c187a2d2f430573181fe462d0a09"},
    ),
    "names": Source(
        title="First names",
        folder="names",
        baselines=("pca", "repair", "trigrams", "features"),
        read=NAMES[0],
        scale=NAMES[1],
        modality="text",
        shape=(27, 12),
        url="",
        label_names=tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        noun="name",
        note="A letter is as dark as it is likely. The class is the first letter.",
        credit="US Census Bureau: 5,163 first names of 1990.",
        licence="public domain",
        md5={"us_first_names.txt.gz": "8392a57a7c850fd28ea3590e2f75d6fa"},
    ),
}


@lru_cache(maxsize=4)
def load_dataset(name: str, split: str = "test") -> Dataset:
    """Load a data set by its name in `SOURCES`, such as "mnist", "ecg" or "names".

    split="test" is bundled; split="train" too but for MNIST and Fashion-MNIST, whose 60,000 items are read from the
    folder in AEVIZ_DATA_DIR, or else downloaded once with a progress bar. Every file is checked by the MD5 of its
    unpacked bytes. Raises DataError for an unknown name or split and for a missing or damaged file. The arrays are
    shared between callers and cannot be written to.
    """
    if name not in SOURCES:
        raise DataError(f"Unknown data set {name!r}: expected one of {', '.join(SOURCES)}.")
    if split not in SPLITS:
        raise DataError(f"Unknown split {split!r}: expected 'test' or 'train'.")
    source = SOURCES[name]
    items, labels = source.read(source, split)
    for array in (items, labels):
        array.setflags(write=False)
    return Dataset(
        name,
        source.title,
        items,
        labels,
        source.label_names,
        split=split,
        modality=MODALITIES[source.modality],
        scale=source.scale(source),
        examples=source.examples,
        ends=source.ends,
        drawing=source.drawing,
        noun=source.noun,
        plural=source.plural,
    )


def at_hand(name: str) -> bool:
    """Whether the training split of a data set in `SOURCES` can be read without a download."""
    source = SOURCES[name]
    return not source.url or all(files.is_here(source, file) for file in source.md5 if file.startswith("train"))


def scale_of(dataset: str, modality: str) -> Scale:
    """What the numbers of a data set's items mean; of one that is not in `SOURCES`, as usual in its modality."""
    return SOURCES[dataset].scale(SOURCES[dataset]) if dataset in SOURCES else MODALITIES[modality].scale
