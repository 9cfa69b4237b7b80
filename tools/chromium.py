"""Find a Chromium for the browser tests; `python tools/chromium.py` installs one where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def on_path() -> str | None:
    """Path of the Chromium that AEVIZ_CHROMIUM names, else of the first one on PATH, else None."""
    named = os.environ.get("AEVIZ_CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def find() -> str | None:
    """Path of a Chromium: the one `on_path`, else Playwright's own, else None."""
    return on_path() or _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install() -> None:
    playwrights_own = [sys.executable, "-m", "playwright", "install", "chromium"]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]):
            subprocess.run(command, env=quiet, check=False)
        if on_path():
            return
        playwrights_own.append("--with-deps")
    subprocess.run(playwrights_own, check=False)


def main() -> int:
    """Print the path of a Chromium, after installing one if need be; 1 if that fails."""
    if os.environ.get("AEVIZ_CHROMIUM") and not find():
        print(f"AEVIZ_CHROMIUM={os.environ['AEVIZ_CHROMIUM']} is not a program that can be run.", file=sys.stderr)
        return 1
    if not find():
        print("The browser tests need a Chromium and none was found: installing one.", file=sys.stderr)
        _install()
    path = find()
    if not path:
        print("Install Chromium (on Debian: apt install chromium) or name one in AEVIZ_CHROMIUM.", file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
