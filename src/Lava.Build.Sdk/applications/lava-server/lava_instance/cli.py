"""The program lava-server, as the package's script of that name, for this instance."""

import argparse
import os
import pwd
import sys

from lava_instance import paths

PROGRAM = "lava-server"


def main():
    from lava_common.version import __version__

    parser = argparse.ArgumentParser(prog=PROGRAM)
    parser.add_argument("--version", action="version", version=__version__)
    subparser = parser.add_subparsers(dest="subcommand", help="Manage LAVA")
    subparser.required = True
    manage = subparser.add_parser("manage")
    manage.add_argument("command", nargs="...", help="Invoke this Django management command")
    options = parser.parse_args()

    become_owner()
    # Importing anything of lava_server would choose the packaged settings where none are named.
    os.environ["DJANGO_SETTINGS_MODULE"] = "lava_instance.settings"

    from django.core.management import execute_from_command_line

    from lava_instance.configuration import ConfigurationError

    try:
        execute_from_command_line([PROGRAM, *options.command])
    except ConfigurationError as error:
        sys.exit(f"{PROGRAM}: {error}")


def become_owner():
    """Root becomes the owner of the instance's data, or the services could not write what it leaves there."""
    if os.geteuid() != 0:
        return
    try:
        owner = os.stat(paths.VAR)
    except FileNotFoundError:
        return
    if owner.st_uid == 0:
        return
    try:
        user = pwd.getpwuid(owner.st_uid)
    except KeyError:
        os.setgroups([owner.st_gid])
        os.setgid(owner.st_gid)
    else:
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.environ["HOME"] = user.pw_dir
    os.setuid(owner.st_uid)


if __name__ == "__main__":
    main()
