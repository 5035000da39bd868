"""Clients of other services, made once."""

import subprocess
import time
from pathlib import Path


class Printer:
    def send(self, text):
        time.sleep(0)  # stays: blocking-call
        return text


def echo(text):
    """Runs a process."""
    return subprocess.run(["echo", text], capture_output=True, text=True).stdout.strip()  # stays: blocking-call


def never_called(text):
    time.sleep(0)
    return text


def digest(name):
    """Called by a command, in no event loop."""
    time.sleep(0)
    return name


printer = Printer()
