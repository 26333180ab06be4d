"""The task queue's application: celery -A lava_instance worker"""

import os

# Importing anything of lava_server would choose the packaged settings where none are named.
os.environ["DJANGO_SETTINGS_MODULE"] = "lava_instance.settings"

from lava_server.celery import app  # noqa: E402

__all__ = ["app"]
