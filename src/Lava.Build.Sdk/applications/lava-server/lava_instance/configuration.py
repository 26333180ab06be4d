"""Reads what an admin configured, in files and in the environment, as lava_server.settings.prod does."""

import base64
import contextlib
import json
import os
import stat
import sys

import yaml
from django.core.exceptions import ImproperlyConfigured


class ConfigurationError(ImproperlyConfigured):
    """The instance's configuration cannot be used. The message says which file and what to do."""


def read_settings(path):
    """The settings of a YAML file. A missing file, or one of comments only, has none."""
    text = _read(path)
    if text is None:
        return {}
    return _settings(_parse_yaml(text, path), path)


def read_secret_key(path):
    """The key in a file, or None if there is no such file."""
    text = _read(path)
    if text is None:
        return None
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise ConfigurationError(
            f"{path} has mode {mode:04o}, so its secret is open to others. "
            "Make it 0600, and change the key if others have seen it."
        )
    key = text.strip()
    if not key:
        raise ConfigurationError(f"{path} is empty. Write a secret key to it: {how_to_make_a_key(path)}")
    return key


def how_to_make_a_key(path):
    """A command that writes a new secret key."""
    return f"(umask 077 && head -c 48 /dev/urandom | base64 -w 0 > '{path}')"


def require_writable(log_file):
    """Fails if nothing can be added to a log file, which is made if it is missing."""
    try:
        with open(log_file, "a", encoding="utf-8"):
            pass
    except OSError as error:
        raise ConfigurationError(
            f"{log_file} cannot be written: {error.strerror}. Make its directory, or run this as the instance's user."
        ) from error


def read_environment(environ, env):
    """The settings in LAVA_SETTINGS_*, LAVA_YAML_SETTINGS_* and LAVA_JSON_SETTINGS; of equal names the last wins.

    environ holds the variables; env reads one, as django-environ does.
    """
    settings = {}
    for name in environ:
        if name.startswith("LAVA_SETTINGS_"):
            settings[name[len("LAVA_SETTINGS_") :]] = env(name)
        elif name.startswith("LAVA_YAML_SETTINGS_"):
            settings[name[len("LAVA_YAML_SETTINGS_") :]] = _parse_yaml(env(name), name)
    if "LAVA_JSON_SETTINGS" in environ:
        settings.update(_parse_json(environ["LAVA_JSON_SETTINGS"]))
    return _settings(settings, "the environment")


def _read(path):
    try:
        with contextlib.suppress(FileNotFoundError):
            return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ConfigurationError(
            f"{path} cannot be read: {reason}. Run this as the instance's user, or mend the file."
        ) from error
    return None


def _parse_yaml(text, source):
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        # The parser's own message quotes the text, which may be a password.
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigurationError(f"{source}{where}: not valid YAML. Mend it.") from None


def _parse_json(text):
    try:
        settings = json.loads(base64.b64decode(text))
    except ValueError:
        raise ConfigurationError("LAVA_JSON_SETTINGS is not JSON in base64. Mend it.") from None
    return _settings(settings, "LAVA_JSON_SETTINGS")


def _settings(value, source):
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigurationError(f"{source} must hold 'NAME: value' pairs. Mend it.")
    # Django reads names in capitals only; others would overwrite the functions of the settings module.
    for name in value:
        if not str(name).isupper():
            print(f"{source}: {name} is not in capitals and has no effect", file=sys.stderr)
    return {name: setting for name, setting in value.items() if str(name).isupper()}
