"""Which release changed the database, and whether that was a newer one than this."""

import re

from django.db import connection
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
    loader = MigrationLoader(None, ignore_no_migrations=True)
    highest = {}
    for app, name in loader.disk_migrations:
        highest[app] = max(highest.get(app, 0), _number(name))
    return sorted((app, name) for app, name in migrations if app in highest and _number(name) > highest[app])


def missing(migrations):
    """This release's migrations that are not among these."""
    return MigrationLoader(None, ignore_no_migrations=True).graph.nodes.keys() - migrations


def origin(migrations):
    """The releases that applied these migrations, in words."""
    known = []
    if Upgrade._meta.db_table in connection.introspection.table_names():
        for upgrade in Upgrade.objects.order_by("-at", "-id"):
            if not set(upgrade.migrations.split()).isdisjoint(f"{app}.{name}" for app, name in migrations):
                known.append(f"{upgrade.release} (LAVA {upgrade.version})")
    return ", ".join(dict.fromkeys(known)) or "one that left no name"


def record(before):
    """Records this release as that which applied what was not there before."""
    new = sorted(f"{app}.{name}" for app, name in applied() - before)
    if new:
        Upgrade.objects.create(release=paths.RELEASE.name, version=__version__, migrations="\n".join(new))


def _number(name):
    number = _NUMBER.match(name)
    return int(number[0]) if number else 0
