"""What the release says of itself beside its code: its database, and where people reach it."""

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
    """Where the web server is: LavaHostName, LavaWebLocation, the host that programs of the instance reach it by, and
    whether there is a publisher of events."""

    def __init__(self):
        described = _read(paths.SHARE / "instance.json") or {}
        self.names = [name for name in (described.get("hostName"), described.get("host")) if name]
        self.location = (described.get("location") or "").strip("/")
        self.publisher = described.get("publisher") == "true"

    @property
    def networks(self):
        """Whence the instance's own worker comes, where that is not loopback."""
        networks = []
        for name in self.names:
            try:
                networks.append(str(ipaddress.ip_address(name.strip("[]"))))
            except ValueError:
                continue
        return networks


def _read(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise configuration.ConfigurationError(f"{path} cannot be read: {error}. Build the instance anew.") from error
