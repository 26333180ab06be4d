"""The program lava-worker, as the package's script of that name, for this instance."""

import os

from lava_instance import paths


def main():
    paths.move_dispatcher_into_instance()
    os.environ["LAVA_INSTANCE"] = str(paths.INSTANCE)

    from lava_common import worker as options
    from lava_dispatcher import worker

    worker.create_environ = in_instance(worker.create_environ)
    worker.get_parser = with_own_log(options.get_parser)
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
