"""LAVA's scheduler, which also says when it last looked at its workers."""

import importlib

from lava_instance import life

NAME = "lava-scheduler"

# What it says every twenty seconds, whether there is something to do or not.
ROUTINE = {"scheduling health checks:", "scheduling jobs:", "Check queue timeouts:", "done"}

packaged = importlib.import_module("lava_server.management.commands.lava-scheduler")


class Command(packaged.Command):
    def main_loop(self):
        self.logger.addFilter(lambda record: record.msg not in ROUTINE)
        life.begin(NAME)
        super().main_loop()

    def check_workers(self):
        workers = super().check_workers()
        life.sign(NAME)
        return workers
