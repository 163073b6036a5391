"""Processes whose interpreter is gone: what it started, and what these did."""

from __future__ import annotations

import os
import _signal as signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Collection

# Those that are being killed may start others meanwhile.
_ROUNDS = 8


def kill_strays(living: Collection[int]) -> None:
    """Kill all processes but this one, the ``living`` ones and theirs."""
    if not living and os.getpid() == 1:
        # All at once. Elsewhere than in a container's own list of processes, these would be everybody's.
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return
    for _ in range(_ROUNDS):
        strays = _find(living)
        if not strays:
            return
        for pid in strays:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass


def count_processes() -> int:
    return sum(name.isdigit() for name in os.listdir("/proc"))


def _find(living: Collection[int]) -> list[int]:
    own = os.getpid()
    parents: dict[int, int] = {}
    sessions: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    # After the program's name, which may hold anything: state, parent, group, session.
                    state, parent, _, session = file.read().rpartition(b")")[2].split()[:4]
            except (OSError, ValueError):
                continue
            if state not in (b"Z", b"X"):
                parents[int(name)] = int(parent)
                sessions[int(name)] = int(session)
    return [pid for pid in parents if _descends(pid, own, parents) and not _is_kept(pid, living, parents, sessions)]


def _descends(pid: int, own: int, parents: dict[int, int]) -> bool:
    pid = parents.get(pid, 0)
    while pid not in (own, 0):
        pid = parents.get(pid, 0)
    return pid == own


def _is_kept(pid: int, living: Collection[int], parents: dict[int, int], sessions: dict[int, int]) -> bool:
    if sessions.get(pid) in living:
        return True
    while pid:
        if pid in living:
            return True
        pid = parents.get(pid, 0)
    return False
