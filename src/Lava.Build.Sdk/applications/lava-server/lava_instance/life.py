"""Signs of life: a daemon that listens nowhere says in a file of run/ when it last did its work. share/alive reads it."""

import contextlib
import os
import time

from lava_instance import paths


def begin(name):
    """Forgets what an earlier process of that name said."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_file(name))


def sign(name):
    """Says that the daemon has just done its work, in whole seconds since the machine started."""
    new = f"{_file(name)}.new"
    with open(new, "w", encoding="ascii") as file:
        file.write(f"{int(time.clock_gettime(time.CLOCK_BOOTTIME))}\n")
    os.replace(new, _file(name))


def _file(name):
    return str(paths.RUN / f"{name}.alive")
