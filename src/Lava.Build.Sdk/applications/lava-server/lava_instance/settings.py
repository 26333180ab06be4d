"""The instance's Django settings.

Does what lava_server.settings.prod does, in the same order, with the instance's files in the place of those in
/etc/lava-server: built-in defaults, environment, settings files, LAVA_* variables, and last common's update().
"""

import os

import environ

from lava_instance import configuration, paths
from lava_server.settings.common import *

_env = environ.Env()

############
# Defaults #
############

INSTANCE_NAME = os.environ.get("INSTANCE_NAME") or paths.INSTANCE.name

if os.environ.get("ALLOWED_HOSTS"):
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, *os.environ["ALLOWED_HOSTS"].split(",")]

# The instance's own PostgreSQL, by its socket; who may connect is decided by user, so there is no password.
DATABASES = {
    "default": _env.db()
    if os.environ.get("DATABASE_URL")
    else {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "lavaserver",
        "USER": "lavaserver",
        "HOST": "run/postgresql",
    }
}

WSGI_APPLICATION = "lava_instance.wsgi.application"

# A release's static files belong to its code; collectstatic keeps a newer file of another release, so none are shared.
STATIC_ROOT = f"var/static/{paths.RELEASE.name}"

# What the packages add to the static files beside those of the applications: the documentation, where it is a
# component, and the old name of lava_server.
STATICFILES_DIRS = [
    (name, str(directory))
    for name in ("docs", "lava-server")
    if (directory := paths.RELEASE / "usr/share/lava-server/static" / name).is_dir()
]

MEDIA_ROOT = "var/media"
DJANGO_LOGFILE = "var/log/django.log"

# Files, not ports: two instances on a host cannot meet.
INTERNAL_EVENT_SOCKET = "ipc://run/lava.events"
EVENT_SOCKET = "ipc://run/lava-publisher.events"

DISPATCHER_CONFIG_PATH = "etc/lava-server/dispatcher.d"
DEVICES_PATH = "etc/lava-server/dispatcher-config/devices"
DEVICE_TYPES_PATHS = [
    "etc/lava-server/dispatcher-config/device-types",
    str(paths.RELEASE / "usr/share/lava-server/device-types"),
]
HEALTH_CHECKS_PATH = "etc/lava-server/dispatcher-config/health-checks"

###########################################
# The profile's choices, then the admin's #
###########################################

_secret_key_file = paths.ETC / "secret_key"
SECRET_KEY = os.environ.get("SECRET_KEY") or configuration.read_secret_key(_secret_key_file)

for _path in [
    *sorted((paths.RELEASE / "share/lava-instance/settings.d").glob("*.yaml")),
    paths.ETC / "settings.conf",
    paths.ETC / "settings.yaml",
    *sorted((paths.ETC / "settings.d").glob("*.yaml")),
]:
    globals().update(configuration.read_settings(_path))

globals().update(configuration.read_environment(os.environ, _env))

if not SECRET_KEY:
    raise configuration.ConfigurationError(
        f"{_secret_key_file} is missing. Restore it from a backup, or make a new one, which ends all logins: "
        + configuration.how_to_make_a_key(_secret_key_file)
    )

################################
# What holds in every instance #
################################

for _name in (
    "STATIC_ROOT",
    "MEDIA_ROOT",
    "DJANGO_LOGFILE",
    "DISPATCHER_CONFIG_PATH",
    "DEVICES_PATH",
    "HEALTH_CHECKS_PATH",
):
    globals()[_name] = paths.in_instance(globals()[_name])
DEVICE_TYPES_PATHS = [paths.in_instance(_path) for _path in DEVICE_TYPES_PATHS]

# Without LOGGING of the admin's, update() makes one that opens this file.
if globals().get("LOGGING") is None:
    configuration.require_writable(DJANGO_LOGFILE)

INTERNAL_EVENT_SOCKET = paths.socket_in_instance(INTERNAL_EVENT_SOCKET)
EVENT_SOCKET = paths.socket_in_instance(EVENT_SOCKET)

for _database in DATABASES.values():
    # A host with a slash is a socket's directory.
    if "/" in (_database.get("HOST") or ""):
        _database["HOST"] = paths.in_instance(_database["HOST"])

# First, so that what it provides is found before the same of others; here, so that no settings file can lose it.
INSTALLED_APPS = ["lava_instance.apps.InstanceConfig", *INSTALLED_APPS]

globals().update(update(globals()))
