"""Loaded first by each process whose PYTHONPATH names this folder: its clock shows what the test says.

The clock is ahead by the seconds that stand in the file of the variable `MOVED_CLOCK`, asked at each look. What nobody
can set, the monotonic clocks, goes on as it is; other processes (PostgreSQL) keep the time.
"""

import ctypes
import gc
import os
import time
from datetime import datetime, tzinfo
from pathlib import Path

_FILE = Path(os.environ["MOVED_CLOCK"])
_right = time.time


def _moved() -> float:
    return _right() + float(_FILE.read_text())


def _now(cls: type[datetime], tz: tzinfo | None = None) -> datetime:
    return cls.fromtimestamp(_moved(), tz)


time.time = _moved
# `datetime.now` is written in C: only its type's own dictionary can say otherwise
gc.get_referents(datetime.__dict__)[0]["now"] = classmethod(_now)
ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime))
