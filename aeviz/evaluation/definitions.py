"""What each figure of merit is, and the settings it is measured with. To read them takes no torch."""

from collections.abc import Iterator

from aeviz.modalities.base import Modality
from aeviz.modalities.registry import MODALITIES

PROBE_ITEMS = 500  # the first items of the split, whose error the tests compute again
TRAINING_ITEMS = 10_000  # the first items of the training split, beside which the test error is set
NOISE = 0.5  # share of the first corruption's maximum at which denoising is measured
ELBO_SAMPLES = 8  # draws from each posterior
MMD_ITEMS = 5000  # codes compared with the prior, each with each
COVERED = 5000  # real items, and as many draws, whose neighbourhoods are compared
NEIGHBOURS = 5  # that a ball of density and coverage reaches to
PATHS, STEPS = 500, 16  # interpolations between pairs of items, and their steps
READ_DRAWS = 500  # draws of each class that a classifier reads
JACOBIANS = 256  # items whose encoder is differentiated
HIDDEN, MASKS = 0.2, 3  # share of cells that are hidden, and how often
DRAWS = 2000  # texts drawn
MIN_LETTERS, MAX_LETTERS = 3, 10  # letters of a plausible text
IMPLAUSIBLE_SHARE = 0.05  # share of real texts whose letters follow each other less probably than a plausible text's
REPAIR_PLACE = (1.0, 0.5)  # (y, x) of a damage that has a place: the middle of the lower edge
LABELS = (1, 3, 10, 30, 100, 300)  # labelled items per class
LABEL_DRAWS = 20  # draws of labelled items
MAX_HALF = 1000  # items of a class that labels are drawn from, and as many that are judged
ALIKE = 10  # nearest neighbours whose class is looked at
METRIC_BITS = 8  # of a number of a code that is compressed
RANGE_QUANTILE = 0.001  # of codes to either side lie beyond the range that is written, and are moved to its end
SEED = 0

KEPT = {  # figures of a repair after what is known was put back, by those of the repair itself
    "kept_psnr": "repaired_psnr",
    "kept_ssim": "repaired_ssim",
    "kept_pooled_psnr": "pooled_psnr",
    "kept_improved": "improved",
}

_PICTURES = {
    "mse": "Squared error per pixel between an item and the decode of its mean code, averaged over the test split.",
    "mse_probe": f"The same over the first {PROBE_ITEMS} items at most: quick to compute again.",
    "mse_train": f"The same over the first {TRAINING_ITEMS:,} items at most of the training split: far below the test "
    "error, the model has learned items by heart.",
    "psnr": "Peak signal-to-noise ratio of the reconstruction in dB, averaged over items.",
    "ssim": "Structural similarity of item and reconstruction (Wang et al. 2004), averaged over items.",
    "denoised_psnr": f"PSNR in dB after Gaussian noise of σ = {NOISE}, seed {SEED}, clipped, and one pass through the "
    "model.",
    "noisy_psnr": "PSNR in dB of the noisy pictures themselves.",
}
_OTHERS = {
    "compressed_bytes": f"Bytes for each item of the mean code, rounded to {METRIC_BITS} bits a number, by the "
    "empirical entropy of each number over the test split; at most as many as the code has numbers.",
    "rmse_all": "Root mean squared error over all values of the test split at once, in the unit of the data.",
    "exact": "Share of texts of the test split that come back letter for letter.",
    "neg_elbo": f"−ELBO in nats: reconstruction + KL, {ELBO_SAMPLES} draws from each posterior, seed {SEED}.",
    "reconstruction": "The first term of −ELBO: −log p(x | z) in nats, the expected error of a sampled code; up to a "
    "constant where the likelihood is no cross-entropy.",
    "kl": "The second term of −ELBO: KL(q(z | x) ‖ N(0, I)) in nats, summed over coordinates.",
    "nll": f"−log p(x) in nats by importance sampling (Burda et al. 2016) on pictures binarised once, seed {SEED}.",
    "nll_samples": "Importance samples drawn for each picture.",
    "active_units": "Coordinates whose mean varies over the split by more than 0.01 (Burda et al. 2016).",
    "active_share": "Share of the entries of all mean codes that are larger than 1 % of their root mean square: small "
    "where few units fire for an item.",
    "knn_accuracy": "Share of items whose class the 10 nearest mean codes name, by 5-fold cross-validation.",
    "linear_probe": "Share of items whose class multinomial logistic regression reads off the standardised mean code, "
    "by 5-fold cross-validation (Alain and Bengio 2016).",
    "mmd": "How far the codes of all items together, one draw from each posterior, are from N(0, I): squared maximum "
    "mean discrepancy (Gretton et al. 2012), unbiased, kernel exp(−‖x − y‖² / 2d), at most 5,000 items, "
    f"seed {SEED}. 0 is Gaussian.",
    "mmd_whitened": "The same after the cloud is moved, turned and stretched to mean 0 and covariance I: is its shape "
    "Gaussian? Fair to models that were not trained towards a prior.",
    "contraction": "Frobenius norm of the Jacobian of the mean code by the item (Rifai et al. 2011), averaged over "
    f"the first {JACOBIANS} items and divided by the spread of the codes, √(tr cov): small where a little noise hardly "
    "moves it.",
    "frechet": "Fréchet distance (Heusel et al. 2017) between decoded draws from N(0, I), seed 0, and the test split, "
    "as many, in the 64 features of a small classifier of the data set. Lower is more like real items.",
    "frechet_fitted": "The same for draws from a Gaussian with the mean and covariance of the test split's codes, for "
    "models that were not trained towards a prior. Where the cloud of codes has holes, draws fall in.",
    "frechet_mixture": "The same for draws from a mixture of ten Gaussians fitted to the test split's codes (Ghosh et "
    "al. 2020), which follows clusters and holes: the fairest to models that were not trained towards a prior.",
    "density": f"Fidelity of decoded draws from N(0, I) (Naeem et al. 2020, k = {NEIGHBOURS}, at most 5,000 of each): "
    "how crowded real items' neighbourhoods are with them. Real items have about 1.",
    "coverage": f"Diversity of the same (Naeem et al. 2020): share of real items with a draw among their {NEIGHBOURS} "
    "nearest real neighbours.",
    "longest_step": f"Unevenness of straight paths between {PATHS} pairs of mean codes, seed {SEED}: the longest of "
    f"{STEPS} steps over their mean, as distances in the classifier's features (after Karras et al. 2019). 1 is even, "
    f"{STEPS} one jump.",
    "class_read": f"Share of {READ_DRAWS} draws from N(0, I), seed {SEED}, decoded for each class, in which a small "
    "classifier of the data set reads that class; mean over classes.",
    "class_read_worst": "The same of the class that is read least.",
    "auroc": "How well the error tells the data set's unusual class from the others: the chance that an item of it has "
    "a larger error than one of them (area under the ROC curve).",
    "average_precision": "The same as the area under precision over recall. By chance it is the share of the class.",
    "auroc_foreign": "How well the error tells pictures of another data set from the model's own: clothes among "
    "digits, or digits among clothes, 4,464 of each, drawn with seed 0 (area under the ROC curve).",
    "missing_error": f"Root mean squared error of hidden values, filled in by one pass: {HIDDEN:.0%} of all cells, "
    f"each by chance, mean over {MASKS} masks, seeds 0 to {MASKS - 1}. In the unit of a series, in standard units in a "
    "table.",
    "missing_absolute": "Mean absolute error of the same values.",
    "missing_right": "Share of hidden categories, in the same masks, of which the likeliest is the true one.",
    "new": f"Share of {DRAWS:,} decoded draws from N(0, I), seed {SEED}, that are no text of the training split.",
    "plausible": f"Share of {DRAWS:,} decoded draws from N(0, I), seed {SEED}, that have {MIN_LETTERS} to "
    f"{MAX_LETTERS} letters and whose letters follow each other as in real texts: mean log probability by the two "
    f"letters before, counted in the training split, at or above the {IMPLAUSIBLE_SHARE:.0%} quantile of the test "
    "split.",
    "new_plausible": "Share of the same draws that are plausible and no text of the training split.",
    "distinct": "Share of different texts among the same.",
    "hole_rmse": "Root mean squared error over the values that were hidden, all items at once: the hole alone.",
    "hole_psnr": "PSNR in dB over the hidden values of an item alone, averaged over items.",
    "pooled_psnr": "PSNR in dB of the mean squared error of all items at once: one that comes back whole does not make "
    "it infinite.",
    "colourfulness": "How colourful the repaired pictures look, averaged: √(σ_rg² + σ_yb²) + 0.3 √(μ_rg² + μ_yb²) of "
    "R − G and ½(R + G) − B, from 0 to 255 (Hasler and Süsstrunk 2003). 0 is grey.",
    "improved": "Share of pictures whose squared error is smaller than that of grey itself.",
    "kept_psnr": "`repaired_psnr` after what is known of the clean item is put back: what lies outside the hole, the "
    "mean of each square of a small picture, the brightness of a grey one.",
    "kept_ssim": "`repaired_ssim` after the same.",
    "kept_pooled_psnr": "`pooled_psnr` after the same.",
    "kept_improved": "`improved` after the same.",
}
_LABELLED = {
    key: text
    for count in LABELS
    for key, text in (
        (
            f"probe_{count}",
            f"Share of items, mean over classes, whose class multinomial logistic regression names from the "
            f"standardised mean code after {count} labelled item{'s' * (count > 1)} of each class, fewer where a class "
            f"has fewer. Labels come from one half of each class of the test split, the other half is judged, at most "
            f"{MAX_HALF:,} items each; mean over {LABEL_DRAWS} draws, seed {SEED}.",
        ),
        (f"probe_{count}_spread", f"Standard deviation of the same over the {LABEL_DRAWS} draws."),
    )
}
_LABELLED["same_class"] = (
    f"Share of an item's {ALIKE} nearest others, by Euclidean distance of mean codes, that have its class; mean over "
    "the test split, at most 10,000 items."
)
_REPAIRED = (
    "Between an item and its repair by one pass, averaged over the test split, after the corruption that the model is "
    f"trained for: at the highest level that it is trained on, the lower part where it has a place, seed {SEED}."
)


def _distances(modality: Modality) -> Iterator[tuple[str, str]]:
    """The figures that a modality's distances give, by their keys."""
    error, judge, corruption = modality.error, modality.distance(modality.repair.judge), modality.corruptions[0]
    between = "Between an item and the decode of its mean code, averaged over the test split."
    for row in modality.distances:
        yield row.key, f"{row.definition} {between}"
    yield f"{error.key}_probe", f"{error.label} over the first {PROBE_ITEMS} items at most: quick to compute again."
    yield f"{error.key}_train", f"{error.label} over the first {TRAINING_ITEMS:,} items at most of the training split."
    level = f"{corruption.label} ({corruption.unit}) of {NOISE * corruption.maximum:g}, seed {SEED}"
    yield f"denoised_{judge.key}", f"{judge.label} after {level}, and one pass through the model."
    for row in modality.distances:
        yield f"repaired_{row.key}", f"{row.definition} {_REPAIRED}"
    yield f"noisy_{judge.key}", f"{judge.label} after {level} alone."
    yield (
        f"compressed_{judge.key}",
        f"{judge.label} of the decode of the mean code after each of its numbers was rounded to {METRIC_BITS} bits, "
        f"over the range of the split's codes without {RANGE_QUANTILE:.1%} to either side; averaged over items.",
    )


_of_modalities = {key: text for modality in MODALITIES.values() for key, text in _distances(modality)}
DEFINITIONS = {
    **_PICTURES,
    **{key: text for key, text in _of_modalities.items() if key not in _PICTURES},
    **_OTHERS,
    **_LABELLED,
    "parameters": "Weights of encoder and decoder.",
    "bytes": "Size of the weights' file.",
}
