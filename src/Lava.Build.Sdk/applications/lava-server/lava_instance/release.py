"""What the release says of itself beside its code: its database, and where it is reached."""

import ipaddress
import json

from lava_instance import configuration, paths


def database():
    """Django's description of the instance's database."""
    described = _read(paths.RELEASE / "share/lava-build/database.json")
    # Names of libpq: https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS
    options = {}
    if "tls" in described:
        options["sslmode"] = described["tls"]
    for name, key in (("sslrootcert", "tlsRootCertificate"), ("passfile", "passwordFile")):
        if key in described:
            options[name] = paths.in_instance(described[key])
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": described["name"],
        "USER": described["user"],
        "HOST": described["host"],
        "PORT": str(described["port"]),
        "OPTIONS": options,
    }


class Web:
    """How the instance's own programs reach its web server, and whether there is a publisher of events."""

    def __init__(self):
        described = _read(paths.SHARE / "instance.json")
        self.host = described["host"]
        self.publisher = described["publisher"]

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
    except (OSError, ValueError) as error:
        raise configuration.ConfigurationError(f"{path} cannot be read: {error}. Build the instance anew.") from error
