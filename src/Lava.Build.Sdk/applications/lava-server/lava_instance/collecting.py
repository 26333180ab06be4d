"""The settings by which a release's static files are collected while it is built.

Only what decides which files those are: no secret, no file of the instance, no database.
"""

import os

from lava_server.settings.common import *

from lava_instance import paths

# Signs nothing: nobody is served by this process.
SECRET_KEY = os.urandom(32).hex()
LOGGING = {"version": 1}
STATIC_ROOT = str(paths.STATIC)
STATICFILES_DIRS = paths.packaged_static()
INSTALLED_APPS = ["lava_instance.apps.InstanceConfig", *INSTALLED_APPS]

globals().update(update(globals()))
