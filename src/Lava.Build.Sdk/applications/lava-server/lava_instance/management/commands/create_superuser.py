"""create_superuser NAME: makes an administrator whose password is the first line of standard input."""

import sys

from django.contrib.auth import get_user_model, password_validation
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.db import DatabaseError, IntegrityError, OperationalError

from lava_instance.failures import fail, reason


class Command(BaseCommand):
    help = __doc__
    # Checks of the whole project would only delay the answer.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("name")
        parser.add_argument("--email", default="")

    def handle(self, *args, **options):
        # Not by getpass: whoever starts this has asked already, or has read a file.
        password = sys.stdin.buffer.readline().decode("utf-8", "replace").rstrip("\r\n")
        users = get_user_model()
        email = users.objects.normalize_email(options["email"])
        user = users(username=options["name"], email=email, is_staff=True, is_superuser=True)
        try:
            if users.objects.filter(username=user.username).exists():
                exists(user)
            validate(user, password)
            user.set_password(password)
            user.save(force_insert=True)
        except IntegrityError:
            # Somebody made it since it was looked for.
            exists(user)
        except OperationalError as error:
            fail(
                f"LAVA5083: The instance's database does not answer: {reason(error)}. "
                "Start the instance, and run this again while it runs."
            )
        except DatabaseError as error:
            fail(
                f"LAVA5083: The instance's database has no place for users yet: {reason(error)}. "
                "Start the instance, and run this again while it runs."
            )
        self.stdout.write(f"The administrator '{user.username}' can log in now.")


def exists(user):
    fail(
        f"LAVA5081: The user '{user.username}' exists already, and was left as it is. Choose another name, or give it a new "
        f"password in the activated instance: lava-server manage changepassword {user.username}"
    )


def validate(user, password):
    """Refuses what the pages would refuse."""
    faults = []
    if not password:
        faults.append("the password is empty")
    try:
        user.clean_fields(exclude=["password"])
        password_validation.validate_password(password, user)
    except ValidationError as error:
        faults += [text.rstrip(".") for text in error.messages]
    if faults:
        fail(f"LAVA5082: The user '{user.username}' was not made: {'; '.join(faults)}. Correct that, and run it again.")
