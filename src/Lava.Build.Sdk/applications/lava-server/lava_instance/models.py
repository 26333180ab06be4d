"""What this instance remembers in its database."""

from django.db import models


class Upgrade(models.Model):
    """A release that changed the database's tables: says later which code a database needs. Travels in every dump."""

    release = models.CharField(max_length=255)
    version = models.CharField(max_length=255)
    # 'app.name' of each migration that it was about to apply, one a line.
    migrations = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
