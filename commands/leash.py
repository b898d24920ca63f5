"""A leash: runs a program that ends with its parent, however that one ends.

``python leash.py PARENT PROGRAM WORD …``, where PARENT is the process id of whoever types this. It
loads nothing but the standard library, because it is started anew for every server.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_LOOK_EVERY_SECONDS = 0.2


def run(parent: int, words: list[str]) -> None:
    """Run ``words`` for as long as ``parent`` lives, in this process where the kernel can."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None:
        watch(parent, words)
    else:
        become(parent, words, prctl)


def become(parent: int, words: list[str], prctl: Callable[[int, int], int]) -> None:
    """Become the program, which the kernel kills together with ``parent`` (Linux)."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # A parent that died before that call is not noticed by the kernel.
    if os.getppid() == parent:
        os.execv(words[0], words)  # noqa: S606


def watch(parent: int, words: list[str]) -> None:
    """Run the program as a child, look after ``parent``, and kill the program once it is gone."""
    with subprocess.Popen(words) as program:  # noqa: S603
        while program.poll() is None and os.getppid() == parent:
            time.sleep(_LOOK_EVERY_SECONDS)
        program.kill()


if __name__ == "__main__":
    run(int(sys.argv[1]), sys.argv[2:])
    sys.exit("nothing runs any more: the program, or who started it, has ended")
