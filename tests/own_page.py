"""The page "Your own" in Streamlit's own harness: what is brought there, loaded and removed."""

import gc
import io
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from apptest import ROOT, go
from streamlit.testing.v1 import AppTest
from waiting import until

from aeviz.app.choice import Choice
from aeviz.app.jobs import Job
from aeviz.app.uploads import data_panel, quota, session
from aeviz.app.uploads.session import Uploads


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def charged() -> int:
    """Bytes charged to all sessions of the process, without those of earlier tests that wait to be collected."""
    gc.collect()
    return quota.ledger.total


def folder_zip(folder: Path) -> bytes:
    return zipped({f"{folder.name}/{path.name}": path.read_bytes() for path in folder.iterdir()})


class Own:
    """The page in a session of its own."""

    def __init__(self, **parameters: str) -> None:
        self.app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
        go(self.app, "your-own")
        for name, value in parameters.items():
            self.app.query_params[name] = value
        self.run()

    def run(self) -> "Own":
        self.app.run()
        assert not self.app.exception, [error.message for error in self.app.exception]
        return self

    def upload(self, *files: tuple[str, bytes]) -> "Own":
        self.app.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files])
        return self.run()

    def press(self, label: str) -> "Own":
        next(button for button in self.app.button if button.label == label).click()
        return self.run()

    def load(self) -> "Own":
        """Press Load and wait for the background."""
        self.press("Load")
        # A few items may be there before this looks.
        job: Job[Any] | None = None
        with suppress(KeyError):
            job = self.app.session_state[data_panel.JOB]
        if job is None:  # and the page has said what became of it
            return self
        assert until(lambda: job.done)
        return self.run()

    def visit(self, page: str) -> AppTest:
        go(self.app, page)
        self.run()
        assert not self.app.error, [error.value for error in self.app.error]
        return self.app

    @property
    def things(self) -> Uploads:
        found: Uploads = self.app.session_state[session.KEY]
        return found

    @property
    def errors(self) -> str:
        return " ".join(error.value for error in self.app.error)

    @property
    def html(self) -> str:
        return "".join(element.proto.body for element in self.app.html)

    @property
    def models(self) -> list[str]:
        return [model.title for model in self.things.models.values()]

    @property
    def pair(self) -> tuple[str, str]:
        choice: Choice = self.app.session_state["choice"]
        return choice.left.name, choice.right.name

    def files(self) -> list[Path]:
        folder = self.things.account.folder
        return [] if folder is None else [path for path in folder.rglob("*") if path.is_file()]
