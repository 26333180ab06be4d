"""Moves the paths that LAVA server has in its code, not in its settings, into the instance."""

import contextlib
import grp
import os
import pwd
import sys

from django.apps import AppConfig
from django.conf import settings
from django.core.checks.registry import registry
from django.core.management.base import BaseCommand
from django.db.models.signals import pre_migrate

from lava_instance import paths


class InstanceConfig(AppConfig):
    name = "lava_instance"
    verbose_name = "LAVA instance"

    def ready(self):
        paths.move_dispatcher_into_instance()
        move_file_kinds()
        move_daemon_defaults()
        drop_checks_of_packaging()
        pre_migrate.connect(move_device_migration, dispatch_uid="lava_instance")


def in_etc(path):
    """A packaged configuration path, moved into the instance; any other path as it is."""
    for packaged, own in (
        (paths.PACKAGED_ETC + "/dispatcher.d", settings.DISPATCHER_CONFIG_PATH),
        (paths.PACKAGED_ETC + "/dispatcher-config/devices", settings.DEVICES_PATH),
        (paths.PACKAGED_ETC, str(paths.ETC)),
    ):
        if path == packaged or path.startswith(packaged + "/"):
            return own + path[len(packaged) :]
    return path


def move_file_kinds():
    """Where workers' configuration and environments are read: lists of fixed paths. The other kinds follow the settings."""
    from lava_server.files import File

    for kind, places in File.KINDS.items():
        if isinstance(places, list):
            File.KINDS[kind] = [in_etc(place) for place in places]


def move_daemon_defaults():
    """Daemons without options log into the instance, stay who they are, and listen to the instance's events."""
    from lava_server.cmdutils import LAVADaemonCommand

    def create_parser(self, *args, **kwargs):
        parser = BaseCommand.create_parser(self, *args, **kwargs)
        parser.set_defaults(
            log_file=str(paths.LOG / os.path.basename(self.default_logfile)),
            # The address to bind may be a wildcard, which is none to connect to.
            event_url=settings.EVENT_SOCKET.replace("//*:", "//localhost:"),
        )
        # A user without a name keeps the packaged default, and has to say --user and --group.
        with contextlib.suppress(KeyError):
            parser.set_defaults(user=pwd.getpwuid(os.geteuid()).pw_name, group=grp.getgrgid(os.getegid()).gr_name)
        return parser

    LAVADaemonCommand.create_parser = create_parser


def drop_checks_of_packaging():
    """check --deploy inspects the host's packages, units and /etc/lava-server; in an instance these are somebody else's.

    Settings and the secret's mode are checked whenever they are read.
    """
    from lava_scheduler_app import checks

    for name in ("check_packaging", "check_services", "check_permissions", "check_settings"):
        registry.deployment_checks.discard(getattr(checks, name, None))


def move_device_migration(**_):
    """A migration of 2016 writes devices to a directory that stands as text in its code. Runs before each migrate."""
    migration = sys.modules.get("lava_scheduler_app.migrations.0027_device_dict_onto_filesystem")
    function = getattr(migration, "migrate_device_dict_to_filesystem", None)
    if function is not None:
        paths.replace_texts(function, in_etc)
