"""The first code of a child: gives up memory, time, files and network, then runs the program that it is told to.

Run by path with `python -I`, never imported: a limit set in the parent after a fork could deadlock a threaded server.

    confined.py PROGRAM [ARGUMENT...]

The limits come as `FORMENGINE_LIMITS`, a JSON object of `memory_bytes`, `cpu_s` and `output_bytes`. Network goes
where the kernel lets a process give it up (a user namespace); where it does not, the child still runs, for
it opens no socket of its own, unless `require_no_network` is set.
"""

import ctypes
import json
import os
import resource
import runpy
import signal
import sys

_CLONE_NEWNET = 0x40000000  # linux/sched.h
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38


def _give_up_network() -> bool:
    """Whether the process now lies in an empty network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return any(libc.unshare(flags) == 0 for flags in (_CLONE_NEWUSER | _CLONE_NEWNET, _CLONE_NEWNET))


def _limit(limits: dict[str, int]) -> None:
    """Set the limits, soft and hard alike, so that the child cannot raise them."""
    for what, most in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_CPU, limits["cpu_s"]),
        (resource.RLIMIT_FSIZE, limits["output_bytes"]),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Give everything up, then become the program."""
    limits = json.loads(os.environ.pop("FORMENGINE_LIMITS"))
    if not _give_up_network() and limits.get("require_no_network"):
        sys.exit(71)  # EX_OSERR
    _limit(limits)
    program = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
