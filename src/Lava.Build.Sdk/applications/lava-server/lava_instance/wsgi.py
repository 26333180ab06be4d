"""The web application for a WSGI server: gunicorn lava_instance.wsgi"""

import os

# Importing anything of lava_server would choose the packaged settings where none are named.
os.environ["DJANGO_SETTINGS_MODULE"] = "lava_instance.settings"

from lava_server.wsgi import application  # noqa: E402

__all__ = ["application"]
