"""Reference cycles are collected in the main thread while jobs run.

Python collects them in whatever thread makes the next object. If that is a worker and a cycle holds a Qt
object, Qt waits for the interpreter with a lock in its hands for which the main thread, which has the
interpreter, may be waiting: then nothing goes on any more.
"""

from __future__ import annotations

import gc

_pauses = 0
_wanted = True


def pause() -> None:
    """Keep Python from collecting by itself; called in the main thread, once for each job."""
    global _pauses, _wanted
    if not _pauses:
        _wanted = gc.isenabled()
    _pauses += 1
    gc.disable()


def resume() -> None:
    """Let Python collect again if it did before, unless other jobs are running; called in the main thread."""
    global _pauses
    _pauses -= 1
    if not _pauses and _wanted:
        gc.enable()


def collect() -> None:
    """Collect young cycles, if Python would have by now; old ones can wait until the jobs are done."""
    if gc.isenabled():
        return
    counts, limits = gc.get_count(), gc.get_threshold()
    for generation in (1, 0):
        if counts[generation] > limits[generation]:
            gc.collect(generation)
            return
