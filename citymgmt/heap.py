"""What the C library does with memory that is given back to it: the system has it again at once.

Left to itself glibc keeps a heap a thread, and after the first large piece keeps pieces as large
for itself: a photo of some megabytes here, a long page there, and a process of 160 MB holds 250
after a while (`make bench ARGS=load`).
"""

import ctypes
import time

# As in malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
ARENAS = 2
LARGE_BYTES = 128 * 1024
"""What is as large comes from the system itself, and goes back to it: a part of a photo, too."""
SPARE_BYTES = 8 * 1024 * 1024
"""So much is kept for the next page: to ask for it anew each time would cost processor."""


def give_back() -> bool:
    """Set this process so, before it has threads; False where the C library is another one."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return False
    told = {_ARENA_MAX: ARENAS, _MMAP_THRESHOLD: LARGE_BYTES, _TRIM_THRESHOLD: SPARE_BYTES}
    taken = [mallopt(name, value) for name, value in told.items()]
    return all(taken)


class Trimmer:
    """Hands back what lies free between pieces that stay, once a span at most; connect its call to
    a signal that comes again and again.

    glibc by itself gives back only what is free at the end of its heap: four pages made at once
    left 20 MB in the middle of a process of 235 MB.
    """

    def __init__(self, seconds: float = 60.0) -> None:
        self.seconds = seconds
        self._last = time.monotonic()

    def __call__(self, **_signal: object) -> bool:
        """Whether it was time, and something was handed back. Others go on meanwhile: the call
        holds no lock of the interpreter."""
        now = time.monotonic()
        if now - self._last < self.seconds:
            return False
        self._last = now
        try:
            return bool(ctypes.CDLL(None).malloc_trim(0))
        except AttributeError:
            return False
