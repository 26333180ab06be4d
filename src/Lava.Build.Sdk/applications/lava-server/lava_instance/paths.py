"""Where the release and the instance stand. Found at run time, so that both may be moved."""

import os
from pathlib import Path

# This file is <release>/lib/pythonX.Y/site-packages/lava_instance/paths.py. Only the release is resolved: it may have
# been reached by code/current, which can move while we run; resolving the file could lead into the store.
RELEASE = Path(os.path.realpath(Path(os.path.abspath(__file__)).parents[4]))

# A release stands at <instance>/code/<release>.
INSTANCE = Path(os.path.abspath(os.environ.get("LAVA_INSTANCE") or RELEASE.parents[1]))

ETC = INSTANCE / "etc" / "lava-server"
RUN = INSTANCE / "run"
VAR = INSTANCE / "var"
LOG = VAR / "log"
DISPATCHER = VAR / "dispatcher"

# What the release has for itself, and the static files that were collected when it was built.
SHARE = RELEASE / "share" / "lava-instance"
STATIC = SHARE / "static"

# Where Debian's packages expect ETC.
PACKAGED_ETC = "/etc/lava-server"


def in_instance(path):
    """The absolute text of a path; a relative one is meant from the instance's root."""
    return str(INSTANCE / path)


def packaged_static():
    """Static files that the packages have beside those of the applications: the documentation, where it is a component,
    and the old name of lava_server. Pairs of a prefix and a directory."""
    root = RELEASE / "usr/share/lava-server/static"
    return [(name, str(root / name)) for name in ("docs", "lava-server") if (root / name).is_dir()]


def socket_in_instance(url):
    """A ZeroMQ endpoint; the relative path of an ipc one is meant from the instance's root."""
    scheme, separator, path = str(url).partition("://")
    # ipc://@name is in the abstract namespace and ipc://* asks for any name: neither is a path (zmq_ipc(7)).
    if scheme != "ipc" or not path or path[0] in "@*":
        return url
    return scheme + separator + in_instance(path)


def move_dispatcher_into_instance():
    """Replace the dispatcher's fixed directories. They are copied on import: call it before lava_dispatcher is imported."""
    from lava_common import constants

    constants.DISPATCHER_DOWNLOAD_DIR = str(DISPATCHER / "tmp")
    constants.WORKER_DIR = str(DISPATCHER / "worker")
    constants.DOCKER_WORKER_DIR = str(DISPATCHER / "docker-worker")


def replace_texts(function, replace):
    """Gives a function that has paths in its code other ones: each text there becomes what replace makes of it."""
    code = function.__code__
    constants = tuple(replace(value) if isinstance(value, str) else value for value in code.co_consts)
    function.__code__ = code.replace(co_consts=constants)
