"""The program lava-coordinator, as the package's script of that name, for this instance."""

import json
import runpy
import socket
import sys
import types

from lava_instance import paths

CONFIGURATION = paths.SHARE / "coordinator.json"


def main():
    sys.argv[1:1] = ["--config", str(CONFIGURATION)]
    import lava.coordinator

    host = json.loads(CONFIGURATION.read_text(encoding="utf-8"))["bind"]
    lava.coordinator.socket = types.SimpleNamespace(**{**vars(socket), "socket": listening_on(host)})
    lava.coordinator.LOG.addFilter(is_no_health_check)
    runpy.run_path(str(paths.RELEASE / "usr/bin/lava-coordinator"), run_name="__main__")


def listening_on(host):
    """A socket that listens on the configured host: the package listens on all, though it asks nobody who he is."""

    class Socket(socket.socket):
        def bind(self, address):
            super().bind((host, address[1]))

    return Socket


def is_no_health_check(record):
    """Whether a line of the log is worth it: a connection that says nothing is a health check."""
    return not (record.msg.startswith("Invalid message") and record.args[:1] == ("",))


if __name__ == "__main__":
    main()
