"""The instance's Django settings.

Does what lava_server.settings.prod does, in the same order, with the instance's files in the place of those in
/etc/lava-server: built-in defaults, environment, settings files, LAVA_* variables, and last common's update().
"""

import os

import environ

from lava_instance import configuration, paths, release
from lava_server.settings.common import *

_env = environ.Env()
_web = release.Web()

############
# Defaults #
############

INSTANCE_NAME = os.environ.get("INSTANCE_NAME") or paths.INSTANCE.name

DATABASES = {"default": _env.db() if os.environ.get("DATABASE_URL") else release.database()}

WSGI_APPLICATION = "lava_instance.wsgi.application"

# Collected when the release was built.
STATIC_ROOT = str(paths.STATIC)
STATICFILES_DIRS = paths.packaged_static()

MEDIA_ROOT = "var/media"

# "-" is standard error: whoever runs a service collects what it says, and keeps the file from growing for ever.
DJANGO_LOGFILE = "-" if os.environ.get("LAVA_LOG_TO_STDERR") else "var/log/django.log"

# Files, not ports: two instances on a host cannot meet.
INTERNAL_EVENT_SOCKET = "ipc://run/lava.events"
EVENT_SOCKET = "ipc://run/lava-publisher.events"
EVENT_NOTIFICATION = _web.publisher

WORKER_AUTO_REGISTER_NETMASK = [*WORKER_AUTO_REGISTER_NETMASK, *_web.networks]

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

for _path in sorted((paths.SHARE / "settings.d").glob("*.yaml")):
    globals().update(configuration.read_settings(_path))

if os.environ.get("ALLOWED_HOSTS"):
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, *os.environ["ALLOWED_HOSTS"].split(",")]

for _path in [
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
    "DISPATCHER_CONFIG_PATH",
    "DEVICES_PATH",
    "HEALTH_CHECKS_PATH",
):
    globals()[_name] = paths.in_instance(globals()[_name])
DEVICE_TYPES_PATHS = [paths.in_instance(_path) for _path in DEVICE_TYPES_PATHS]

# Without LOGGING of the admin's, update() makes one that opens this file.
_logs_to_stderr = globals().get("LOGGING") is None and DJANGO_LOGFILE == "-"
if DJANGO_LOGFILE != "-":
    DJANGO_LOGFILE = paths.in_instance(DJANGO_LOGFILE)
    if globals().get("LOGGING") is None:
        configuration.require_writable(DJANGO_LOGFILE)

# By this name the instance's own health checks and worker come, whatever list an admin wrote.
ALLOWED_HOSTS = [*ALLOWED_HOSTS, _web.host]

INTERNAL_EVENT_SOCKET = paths.socket_in_instance(INTERNAL_EVENT_SOCKET)
EVENT_SOCKET = paths.socket_in_instance(EVENT_SOCKET)

for _database in DATABASES.values():
    # A host with a slash is a socket's directory.
    if "/" in (_database.get("HOST") or ""):
        _database["HOST"] = paths.in_instance(_database["HOST"])

# First, so that what it provides is found before the same of others; here, so that no settings file can lose it.
INSTALLED_APPS = ["lava_instance.apps.InstanceConfig", *INSTALLED_APPS]

globals().update(update(globals()))

if _logs_to_stderr:
    LOGGING["handlers"]["logfile"] = {"class": "logging.StreamHandler", "formatter": "lava"}
