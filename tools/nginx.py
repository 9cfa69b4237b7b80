"""Find an nginx for the tests of `deploy/`; `python tools/nginx.py` installs one where that is easy."""

import os
import shutil
import subprocess
import sys


def find() -> str | None:
    """Path of nginx, or None; Debian keeps it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")


def main() -> int:
    """Install nginx as root on Debian and print its path. Without one its tests are skipped: never a failure."""
    if not find() and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        # nginx-light starts no server of its own in a container, and the tests need no more.
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "nginx-light"]):
            subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL)
    print(find() or "No nginx here: the test of several replicas is skipped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
