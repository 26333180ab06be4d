"""Which release changed the database, and whether that was a newer one than this."""

import functools
import re

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from lava_common.version import __version__
from lava_instance import paths
from lava_instance.models import Upgrade

_NUMBER = re.compile(r"[0-9]+")


def applied():
    """The migrations that the database has, as pairs of app and name."""
    return set(MigrationRecorder(connection).applied_migrations())


def newer(migrations):
    """Those of them that are newer than this release's: their app is one of this release, and their number is higher than
    all that it knows of that app. Others may be older ones that this release has replaced by a squashed one."""
    highest = {}
    for app, name in _known().disk_migrations:
        highest[app] = max(highest.get(app, 0), _number(name))
    return sorted((app, name) for app, name in migrations if app in highest and _number(name) > highest[app])


def missing(migrations):
    """This release's migrations that are not among these."""
    return _known().graph.nodes.keys() - migrations


def origin(migrations):
    """The releases that applied these migrations, in words."""
    left = {f"{app}.{name}" for app, name in migrations}
    known = []
    if _has_records():
        # What several set out to apply was left by the earlier ones to the last.
        for upgrade in Upgrade.objects.order_by("-id"):
            own = left.intersection(upgrade.migrations.split())
            if own:
                known.append(f"{upgrade.release} (LAVA {upgrade.version})")
                left -= own
    return ", ".join(dict.fromkeys(known)) or "one that left no name"


def record(migrations):
    """Records this release as that which applies these migrations. Before it does, so that none is ever without its origin."""
    if not _has_records():
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes(Upgrade._meta.app_label))
    # One that replaces others is recorded by Django with all of them.
    every = {key for migration in migrations for key in (migration, *_known().disk_migrations[migration].replaces)}
    upgrade = {
        "release": paths.RELEASE.name,
        "version": __version__,
        "migrations": "\n".join(sorted(f"{app}.{name}" for app, name in every)),
    }
    # Once, however often it is tried.
    if upgrade not in Upgrade.objects.order_by("-id").values(*upgrade)[:1]:
        Upgrade.objects.create(**upgrade)


@functools.cache
def _known():
    """What this release has, whatever the database has."""
    return MigrationLoader(None, ignore_no_migrations=True)


def _has_records():
    return Upgrade._meta.db_table in connection.introspection.table_names()


def _number(name):
    number = _NUMBER.match(name)
    return int(number[0]) if number else 0
