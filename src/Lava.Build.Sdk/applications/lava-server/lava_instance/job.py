"""The program lava-run, as the package's script of that name, for this instance: runs one job."""

import ctypes
import os
import runpy
import sys

from lava_instance import paths

PROGRAM = "lava-run"

# The worker hands it over so: an argument could be read by every user of the host.
TOKEN = "LAVA_JOB_TOKEN"

COORDINATOR_CONFIGURATION = "/etc/lava-coordinator/lava-coordinator.conf"
CLONE_NEWUSER = 0x10000000


def main():
    token = os.environ.pop(TOKEN, None)
    if token is not None:
        sys.argv.insert(1, f"--token={token}")
    if os.geteuid() != 0:
        become_root_of_own_namespace()
    paths.move_dispatcher_into_instance()
    move_coordinator_configuration()
    runpy.run_path(str(paths.RELEASE / "usr/bin" / PROGRAM), run_name="__main__")


def become_root_of_own_namespace():
    """lava-run insists on being root. In a user namespace of its own it is, with the rights that its user has outside."""
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        sys.exit(
            f"{PROGRAM}: no user namespace can be made ({os.strerror(ctypes.get_errno())}), and jobs need root or one. Allow "
            "them (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone), or run the worker as root (LavaWorkerUser)."
        )
    # user_namespaces(7): without setgroups a group can be mapped by whoever is in it.
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def move_coordinator_configuration():
    """Where multinode jobs find the coordinator stands as text in the dispatcher's code. It is the admin's file, where the
    coordinator is another host's, or the instance's own coordinator."""
    for path in (paths.INSTANCE / COORDINATOR_CONFIGURATION[1:], paths.SHARE / "coordinator.json"):
        if path.exists():
            own = str(path)
            break
    else:
        return
    from lava_dispatcher.protocols.multinode import MultinodeProtocol

    paths.replace_texts(MultinodeProtocol.set_up, lambda text: own if text == COORDINATOR_CONFIGURATION else text)


if __name__ == "__main__":
    main()
