"""The data sets of signals: heart beats cut from an ECG, and days of power demand."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.files import unpacked
from aeviz.datasets.record import Source
from aeviz.datasets.splits import FullSet, by_chance, in_order
from aeviz.errors import DataError
from aeviz.modalities.series import scale_of

ECG_RATE = 360  # samples a second
BEFORE, AFTER, STEP = 96, 160, 4  # samples of a beat around its R peak, and how many make one value
NARROW = 16  # samples: the widest that a peak may be at half its height (44 ms)
Array = NDArray[Any]


def beats(source: Source) -> FullSet:
    """Heart beats (N, 1, 64) in mV of one ECG lead, 0.71 s each; class 1: wide.

    The last fifth in time is the test split.
    High-pass at 0.5 Hz; 96 samples before and 160 after each R peak, means of four, median removed. The classes follow
    the width of the R peak at half its height: our own rule and not a cardiologist's. Raises DataError.
    """
    (file,) = source.md5
    with np.load(io.BytesIO(unpacked(source, file))) as archive:
        voltage = (archive["ecg"].astype(float) - 1024) / 200
    voltage = _filtered(voltage, 0.5, "highpass")
    cut = np.stack([voltage[peak - BEFORE : peak + AFTER] for peak in r_peaks(voltage)])
    items = cut.reshape(len(cut), -1, STEP).mean(2)
    items = (items - np.median(items, 1, keepdims=True)).astype(np.float32)[:, None]
    train, test = in_order(len(items), 0.8)
    scale = scale_of(items[train], unit="mV", step=STEP / ECG_RATE, start=-BEFORE / ECG_RATE, time_unit="s")
    return FullSet(items, (half_widths(cut) > NARROW).astype(np.int64), scale, train, test)


def r_peaks(voltage: Array) -> Array:
    """Samples of the R peaks of an ECG (T,) that have a whole beat around them.

    Where the energy of the band from 5 to 25 Hz, smoothed over 0.12 s, has a maximum above its mean, 0.35 s or more
    from any higher one (after Pan and Tompkins 1985), the highest voltage within 0.1 s is taken.
    """
    from scipy.signal import find_peaks

    window = np.hanning(round(0.12 * ECG_RATE))
    energy = np.convolve(_filtered(voltage, (5.0, 25.0), "bandpass") ** 2, window / window.sum(), "same")
    maxima, _ = find_peaks(energy, height=energy.mean(), distance=round(0.35 * ECG_RATE))
    reach = round(0.1 * ECG_RATE)
    peaks = np.array([(first := max(0, i - reach)) + voltage[first : i + reach + 1].argmax() for i in maxima])
    complete: Array = peaks[(peaks >= BEFORE) & (peaks + AFTER <= len(voltage))]
    return complete


def half_widths(cut: Array) -> Array:
    """Width of the peak at sample `BEFORE` of each beat (N, T), at half its height above the median, in samples."""
    from scipy.signal import peak_widths

    heights = cut - np.median(cut, 1, keepdims=True)
    last = np.array([cut.shape[1] - 1])
    prominences = [(row[[BEFORE]], np.array([0]), last) for row in heights]  # prominence: the height above the median
    results = [
        peak_widths(row, [BEFORE], 0.5, prominence_data=data) for row, data in zip(heights, prominences, strict=True)
    ]
    return np.array([widths[0] for widths, *_ in results])


def _filtered(voltage: Array, edges: float | tuple[float, float], band: str) -> Array:
    """The voltage through a Butterworth filter of order two, forwards and backwards, so that nothing shifts."""
    from scipy.signal import butter, sosfiltfilt

    filtered: Array = sosfiltfilt(butter(2, edges, band, fs=ECG_RATE, output="sos"), voltage)
    return filtered


def days(source: Source) -> FullSet:
    """Days (N, 1, 24) of power demand, one value an hour, standardised day by day as published; class 1: summer.

    Both published parts together; a fifth, drawn with seed 0, is the test split. Raises DataError.
    """
    lines = [line for file in source.md5 for line in unpacked(source, file).decode("utf-8").splitlines()]
    rows = [line.rsplit(":", 1) for line in lines if line and line[0] not in "#@"]
    try:
        items = np.array([values.split(",") for values, _ in rows], np.float32)[:, None]
        labels = np.array([int(label) - 1 for _, label in rows], np.int64)
    except ValueError as error:
        raise DataError(f"{source.title} cannot be read ({error}): install aeviz again.") from error
    train, test = by_chance(len(items), 0.8)
    scale = scale_of(items[train], unit="SD of the day", time_unit="h")
    return FullSet(items, labels, scale, train, test)
