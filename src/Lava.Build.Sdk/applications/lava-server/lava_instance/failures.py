"""How a management command ends whose failure is the user's to cure."""

import sys


def fail(message):
    """Ends the process with one line on standard error, 'LAVAnnnn: what, and what to do'; whoever ran it passes that on
    as an error."""
    sys.exit(" ".join(message.split()))


def reason(error):
    """The first line of a database's error, without a full stop."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
