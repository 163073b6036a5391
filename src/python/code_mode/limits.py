"""Limits of a CPython process: memory for its whole life, processor time for each run."""

from __future__ import annotations

import signal
import time

from .errors import CpuLimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import mmap
    from typing import Any, Callable, Optional

# Seconds of processor time past the limit after which the kernel ends what did not stop by itself.
_GRACE = 2
# Bytes that are kept back.
_RESERVE = 4 << 20
# Seconds of processor time after which code that could not be stopped is tried again.
_RETRY = 0.1


def limit_memory(size: int) -> bool:
    """Let this process, and each that it starts, have ``size`` bytes of data; whether that was seen to hold."""
    try:
        import resource
    except ImportError:
        return False
    # First what counts data alone: reserved addresses and mapped files, of which some libraries take a lot, cost
    # no memory. Some kernels only know the other.
    for kind in (resource.RLIMIT_DATA, resource.RLIMIT_AS):
        hard = resource.getrlimit(kind)[1]
        bound = size if hard == resource.RLIM_INFINITY else min(size, hard)
        try:
            resource.setrlimit(kind, (bound, bound))
            # Asked for and not touched, so that it costs nothing where it is given.
            bytearray(size)
        except MemoryError:
            return True
        except (ValueError, OSError):
            pass
    return False


class MemoryReserve:
    """Memory that is kept back, so that a MemoryError can be told when all the rest is in use."""

    def __init__(self) -> None:
        self._kept: Optional[mmap.mmap] = None

    def take(self) -> None:
        """Keep it back, where there is as much besides."""
        if self._kept is not None:
            return
        try:
            _private_memory(2 * _RESERVE).close()
            self._kept = _private_memory(_RESERVE)
        except (OSError, MemoryError):
            pass

    def give_back(self) -> None:
        """Let it be used."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None


def _private_memory(size: int) -> mmap.mmap:
    import mmap

    # Neither the allocator of Python nor that of C would return it to the system at once.
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


class CpuLimit:
    """``seconds`` of processor time for each run: an exception, then the kernel's end of the process."""

    def __init__(self, seconds: float, stop: Callable[[BaseException, Any], None]) -> None:
        self._seconds = seconds
        self._stop = stop
        self.is_kept = False
        try:
            import resource
        except ImportError:
            return
        self._resource = resource
        signal.signal(signal.SIGPROF, self._on_limit)
        self.is_kept = True

    def begin(self) -> None:
        """A run begins."""
        if self.is_kept:
            self._bound(time.process_time() + self._seconds + _GRACE)
            signal.setitimer(signal.ITIMER_PROF, self._seconds)

    def end(self) -> None:
        """The run has ended; what goes on in the background is not limited."""
        if self.is_kept:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self._bound(None)

    def leave_to_main_thread(self) -> None:
        """Called in each other thread: the signal is to end what the main thread waits in."""
        if self.is_kept:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})

    def _bound(self, used: Optional[float]) -> None:
        hard = self._resource.getrlimit(self._resource.RLIMIT_CPU)[1]
        # The kernel counts whole seconds. Its signal has no handler here: it ends the process.
        soft = hard if used is None else int(used) + 1
        if hard != self._resource.RLIM_INFINITY:
            soft = min(soft, hard)
        self._resource.setrlimit(self._resource.RLIMIT_CPU, (soft, hard))

    def _on_limit(self, _number: int, frame: Any) -> None:
        self._stop(CpuLimitError(self._seconds), frame)
        # It did not come out here.
        signal.setitimer(signal.ITIMER_PROF, _RETRY)
