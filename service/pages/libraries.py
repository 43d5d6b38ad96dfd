"""Puts the front-end libraries that npm installed where the pages serve them from; run by `make setup`."""

import shutil
import sys
from pathlib import Path

from service.pages.html import STATIC

FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "tus.min.js": "tus-js-client/dist/tus.min.js",
    "wavesurfer.esm.js": "wavesurfer.js/dist/wavesurfer.esm.js",
}


def copy(modules: Path, into: Path) -> None:
    """Copy each library's one file; FileNotFoundError where npm has not installed it."""
    into.mkdir(parents=True, exist_ok=True)
    for name, where in FILES.items():
        shutil.copyfile(modules / where, into / name)


if __name__ == "__main__":
    copy(Path(sys.argv[1]), STATIC / "lib")
