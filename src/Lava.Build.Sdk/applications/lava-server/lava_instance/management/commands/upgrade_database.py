"""upgrade_database: brings the database to what this release needs, in one process. Does nothing to a newer one."""

import gc

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError

from lava_instance import history, paths
from lava_instance.failures import fail, reason

MOST_NAMED = 3


class Command(BaseCommand):
    help = __doc__
    # migrate makes the checks that it needs.
    requires_system_checks = []

    def handle(self, *args, **options):
        try:
            before = history.applied()
        except OperationalError as error:
            fail(
                f"LAVA5083: The instance's database does not answer: {reason(error)}. "
                "Look into var/log, mend it, and start the instance again."
            )
        refuse_newer(before)
        missing = history.missing(before)
        if missing and not before:
            self.stdout.write(f"Making the tables by {len(missing)} migrations")
        if missing:
            history.record(missing)
        # Of a new database nobody wants to know each; of one that is as it should be, migrate would only say that LAVA's own
        # models and migrations differ.
        verbosity = options["verbosity"] if missing and before else 0
        # Migrations make and drop models by the thousand, and the collector looks at all of them again and again.
        gc.disable()
        call_command("migrate", interactive=False, verbosity=verbosity, stdout=Lines(self.stdout), stderr=self.stderr)
        gc.enable()
        call_command("drop_materialized_views", stdout=self.stdout, stderr=self.stderr)
        call_command("refresh_queries", all=True, stdout=self.stdout, stderr=self.stderr)


class Lines:
    """A stream for what is written in pieces of lines: passes them on whole, or a log would show the pieces."""

    def __init__(self, stream):
        self._stream = stream
        self._rest = ""

    def write(self, text):
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._stream.write(line)

    def flush(self):
        self._stream.flush()


def refuse_newer(migrations):
    """Ends the command if the database is a newer release's: this one's code could destroy what it does not know."""
    newer = history.newer(migrations)
    if newer:
        named = ", ".join(f"{app}.{name}" for app, name in newer[:MOST_NAMED])
        more = f" and {len(newer) - MOST_NAMED} more" if len(newer) > MOST_NAMED else ""
        fail(
            f"LAVA5080: The database was upgraded by a newer release, {history.origin(newer)}: it has {named}{more}, which "
            f"release {paths.RELEASE.name} does not know. Nothing was changed. Activate that release again, or restore a backup "
            "of the database that was made before it ran."
        )
