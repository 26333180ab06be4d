"""What the release says of itself beside its code: its database, and where it is reached."""

import ipaddress
import json

from lava_instance import configuration, paths


def database():
    """Django's description of the instance's database."""
    described = _read(paths.RELEASE / "share/lava-build/database.json")
    if described is None:
        # A project without LavaDatabase: a cluster that somebody else runs in the instance.
        described = {"kind": "embedded", "host": "run/postgresql", "name": "lavaserver", "user": "lavaserver"}
    embedded = described.get("kind") == "embedded"
    options = {}
    if not embedded:
        # Names of libpq: https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS
        for name, key in (("sslmode", "tls"), ("sslrootcert", "tlsRootCertificate")):
            if described.get(key):
                options[name] = described[key]
    if described.get("passwordFile"):
        options["passfile"] = paths.in_instance(described["passwordFile"])
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": described["name"],
        "USER": described.get("user") or "",
        "HOST": described.get("host") or "",
        "PORT": "" if embedded else str(described.get("port") or ""),
        "OPTIONS": options,
    }


class Web:
    """How the instance's own programs reach its web server, and whether there is a publisher of events."""

    def __init__(self):
        described = _read(paths.SHARE / "instance.json") or {}
        self.host = described.get("host") or "127.0.0.1"
        self.publisher = bool(described.get("publisher"))

    @property
    def networks(self):
        """Whence the instance's own worker comes: the address itself, unless it is a name."""
        try:
            return [str(ipaddress.ip_address(self.host.strip("[]")))]
        except ValueError:
            return []


def _read(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise configuration.ConfigurationError(f"{path} cannot be read: {error}. Build the instance anew.") from error
