"""What the user reads while waiting."""

import sys
import time

_begun = time.monotonic()


class Failure(Exception):
    """Ends the program with one message for the user."""


def say(text):
    """A progress line, after the seconds since the program began."""
    print(f"{elapsed():6.1f} s  {text}", file=sys.stderr, flush=True)


def elapsed():
    return time.monotonic() - _begun
