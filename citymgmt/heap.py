"""What the C library does with memory that is given back to it: the system has it again at once.

Left to itself glibc keeps a heap a thread, and after the first large piece keeps pieces as large
for itself: a photo of some megabytes here, a long page there, and a process of 160 MB holds 250
after a while (`make bench ARGS=load`).
"""

import ctypes

# As in malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
ARENAS = 2
LARGE_BYTES = 1024 * 1024
"""What is as large comes from the system itself, and goes back to it."""
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
