"""Print the versions installed here of everything `aeviz[dev,notebooks]` needs, in the form of constraints.txt."""

import re
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HEADER = """\
# The versions every test was run with; pip takes them through `-c constraints.txt`. Written by `make constraints`.
# torch is named without a build, so that 2.x.y+cpu and 2.x.y+cu… match too. Without an NVIDIA GPU, save some
# gigabytes on Linux with  PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make app
"""
# torch's CUDA builds pin what they bring along, and its other builds lack it; setuptools must suit each Python.
UNPINNED = re.compile(r"(nvidia|cuda|triton|setuptools)\b.*")


def closure(root: str, extras: set[str]) -> dict[str, str]:
    """Name → public version of each distribution that `root[extras]` needs, itself excepted."""
    pins: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    open_ends = [(root, extra) for extra in ("", *extras)]
    while open_ends:
        name, extra = open_ends.pop()
        if (name, extra) in seen or UNPINNED.fullmatch(name):
            continue
        seen.add((name, extra))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue  # an optional extra of a dependency, or one for another platform
        if name != root:
            pins[name] = Version(installed.version).public
        for requirement in map(Requirement, installed.requires or []):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                target = canonicalize_name(requirement.name)
                open_ends += [(target, needed) for needed in ("", *requirement.extras)]
    return pins


if __name__ == "__main__":
    print(
        HEADER
        + "\n".join(f"{name}=={version}" for name, version in sorted(closure("aeviz", {"dev", "notebooks"}).items()))
    )
