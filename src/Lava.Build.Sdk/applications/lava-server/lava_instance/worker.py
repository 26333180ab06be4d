"""The program lava-worker, as the package's script of that name, for this instance."""

import os
import subprocess
import types

from lava_instance import life, paths
from lava_instance.job import PROGRAM as JOB
from lava_instance.job import TOKEN

NAME = "lava-worker"

# What it says every few seconds, whether there is something to do or not.
ROUTINE = "PING => server"


def main():
    paths.move_dispatcher_into_instance()
    os.environ["LAVA_INSTANCE"] = str(paths.INSTANCE)

    from lava_common import worker as options
    from lava_dispatcher import worker

    life.begin(NAME)
    worker.LOG.addFilter(lambda record: record.msg != ROUTINE)
    worker.create_environ = in_instance(worker.create_environ)
    worker.get_parser = with_own_log(options.get_parser)
    worker.subprocess = types.SimpleNamespace(Popen=start_job)
    worker.ping = with_sign_of_life(worker.ping)
    worker.listen_for_events = only_with_publisher(worker.listen_for_events)
    worker.run()


def in_instance(create_environ):
    """The server's env.yaml sets PATH, by which a worker finds lava-run: make it this release's, of the worker's version."""

    def create(env):
        environ = create_environ(env)
        instance = str(paths.INSTANCE)
        environ = {name: str(value).replace("${LAVA_INSTANCE}", instance) for name, value in environ.items()}
        environ["PATH"] = os.pathsep.join([str(paths.RELEASE / "bin"), environ.get("PATH", os.defpath)])
        return environ

    return create


def with_own_log(get_parser):
    """The worker's options, with the instance's log file as default."""

    def get(*args, **kwargs):
        parser = get_parser(*args, **kwargs)
        parser.set_defaults(log_file=str(paths.LOG / "lava-worker.log"))
        return parser

    return get


def start_job(command, env, **options):
    """Starts lava-run with the job's token in its environment, where other users cannot read it as they can arguments."""
    if JOB in command:
        tokens = [argument for argument in command if argument.startswith("--token=")]
        command = [argument for argument in command if argument not in tokens]
        env = {**env, **{TOKEN: token.partition("=")[2] for token in tokens}}
    return subprocess.Popen(command, env=env, **options)


def with_sign_of_life(ping):
    """Says that the server has answered: a worker that it refuses, or that cannot reach it, takes no jobs."""

    def ping_and_say(*args):
        answer = ping(*args)
        # Without an answer it is empty.
        if answer:
            life.sign(NAME)
        return answer

    return ping_and_say


def only_with_publisher(listen_for_events):
    """Where --ws-url is empty there is no publisher: the worker asks the server for jobs, and nobody else for events."""

    async def listen(options, event):
        if options.ws_url:
            await listen_for_events(options, event)

    return listen
