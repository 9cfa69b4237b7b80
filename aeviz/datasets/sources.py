"""The data sets that aeviz knows by name, and how they are loaded: bundled test splits and full training sets.

The emoji are bundled whole. The other full sets come from the folder named by AEVIZ_DATA_DIR (with
sub-folders as in `SOURCES`, holding the published idx .gz files), or are downloaded once into the
user's cache folder. The app needs neither.
"""

from functools import lru_cache

from aeviz.datasets import files
from aeviz.datasets.record import Dataset, Source
from aeviz.errors import DataError
from aeviz.modalities.base import Scale
from aeviz.modalities.registry import MODALITIES

SPLITS = ("train", "test")
STOPS = (3, 2, 1, 18, 4, 8, 11, 0, 61, 7)  # one of each digit in MNIST

SOURCES = {
    "mnist": Source(
        title="MNIST",
        folder="mnist",
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
}


@lru_cache(maxsize=4)
def load_dataset(name: str, split: str = "test") -> Dataset:
    """Load a data set by its name in `SOURCES`: "mnist", "fashion" or "emoji".

    split="test" (10,000 items; 383 emoji) is bundled. split="train" (60,000 items) is read from the folder
    in AEVIZ_DATA_DIR, or else downloaded once with a progress bar; that of the emoji (1,528) is bundled too.
    Every file is checked by the MD5 of its unpacked bytes. Raises DataError for an unknown name or split and
    for a missing or damaged file. The arrays are shared between callers and cannot be written to.
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
        scale=source.scale,
        examples=source.examples,
        ends=source.ends,
        drawing=source.drawing,
    )


def scale_of(dataset: str, modality: str) -> Scale:
    """What the numbers of a data set's items mean; of one that is not in `SOURCES`, as usual in its modality."""
    return SOURCES[dataset].scale if dataset in SOURCES else MODALITIES[modality].scale
