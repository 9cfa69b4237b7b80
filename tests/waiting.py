"""Waiting for what another thread or process does: the one file of the tests that sleeps, between two looks."""

import os
import time
from collections.abc import Callable

TIMEOUT_S = 90.0  # seconds that a machine may take which is busy with other things


def until(holds: Callable[[], bool], seconds: float = TIMEOUT_S) -> bool:
    """Whether it comes to hold within a time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def computed_s() -> float:
    """Seconds for which this process and its children that have ended computed, whatever else the machine does."""
    return sum(os.times()[:4])
