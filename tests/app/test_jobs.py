import threading

import pytest
from waiting import TIMEOUT_S, until

from aeviz.app.jobs import Job, Stopped, Turns


def test_a_job_tells_how_far_it_is_and_what_came_of_it() -> None:
    seen: list[tuple[float, str]] = []

    def work(job: Job[int]) -> int:
        job.report(0.5, "half")
        seen.append((job.share, job.stage))
        return 3

    job = Job(work, str)
    assert (job.share, job.stage, job.done) == (0.0, "starting", False)
    job.run()
    assert seen == [(0.5, "half")]
    assert (job.result, job.error, job.done) == (3, "", True)


def test_a_job_stops_at_its_next_report() -> None:
    reported = threading.Event()

    def work(job: Job[None]) -> None:
        while True:
            job.report(0.1, "on")
            reported.set()

    job = Job(work, str).start("test")
    assert reported.wait(TIMEOUT_S)
    job.stop()
    assert until(lambda: job.done)
    assert (job.done, job.stage, job.error, job.result) == (True, "stopped", "", None)


def test_what_goes_wrong_is_told_in_words() -> None:
    def work(job: Job[None]) -> None:
        raise ZeroDivisionError("secret")

    job = Job(work, lambda error: f"It failed ({type(error).__name__}).")
    job.run()
    assert (job.error, job.done) == ("It failed (ZeroDivisionError).", True)


def test_turns_are_taken_one_after_the_other() -> None:
    turns = Turns(1, 0.01, ValueError("full"))
    with turns.wait():
        with pytest.raises(ValueError, match="full"), turns.wait():
            pass
        asked: list[int] = []

        def waits() -> None:
            asked.append(1)
            raise Stopped

        with pytest.raises(Stopped), turns.wait(waits):
            pass
        assert asked == [1]
    with turns.wait():
        pass
