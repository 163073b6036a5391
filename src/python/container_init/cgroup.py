"""What the kernel says of the limits of this container, and of what it uses: control groups, of either version."""

from __future__ import annotations

import os

from .strays import count_processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

_ROOT = "/sys/fs/cgroup"
# What the first version says where there is no limit is near the largest number.
_NO_LIMIT = 1 << 60


class ControlGroup:
    def __init__(self) -> None:
        # Where our own group is seen, by controller; the second version has one place for all.
        self._paths = {}
        for line in _read("/proc/self/cgroup").splitlines():
            _, controllers, path = line.split(":", 2)
            for controller in controllers.split(","):
                self._paths[controller] = path.strip("/")
        self._is_second = os.path.exists(f"{_ROOT}/cgroup.controllers")

    def memory_limit(self) -> Optional[int]:
        return self._limit("memory", "memory.limit_in_bytes", "memory.max")

    def memory_and_swap_limit(self) -> Optional[int]:
        if not self._is_second:
            return self._limit("memory", "memory.memsw.limit_in_bytes", "")
        memory, swap = self.memory_limit(), self._limit("memory", "", "memory.swap.max")
        return None if memory is None or swap is None else memory + swap

    def cpu_limit(self) -> Optional[float]:
        if self._is_second:
            quota, _, period = self._get("cpu", "cpu.max").partition(" ")
        else:
            quota, period = self._get("cpu", "cpu.cfs_quota_us"), self._get("cpu", "cpu.cfs_period_us")
        try:
            return int(quota) / int(period) if int(quota) > 0 else None
        except ValueError:
            return None

    def process_limit(self) -> Optional[int]:
        return self._limit("pids", "pids.max", "pids.max")

    def usage(self) -> dict[str, object]:
        """As ``ContainerUsage``."""
        if self._is_second:
            nanoseconds = _number(self._entry("cpu", "cpu.stat", "usage_usec"), 1000)
        else:
            nanoseconds = _number(self._get("cpuacct", "cpuacct.usage"))
        processes = _number(self._get("pids", "pids.current"))
        return {
            "memory": self._memory(),
            "memoryLimit": self.memory_limit(),
            "processorTime": None if nanoseconds is None else nanoseconds / 1e9,
            "processors": self.cpu_limit() or len(os.sched_getaffinity(0)),
            "processes": count_processes() if processes is None else processes,
        }

    def kills(self) -> int:
        """How many processes were killed so far for want of memory."""
        file = "memory.events" if self._is_second else "memory.oom_control"
        return _number(self._entry("memory", file, "oom_kill")) or 0

    def _memory(self) -> Optional[int]:
        used = _number(self._get("memory", "memory.current" if self._is_second else "memory.usage_in_bytes"))
        # Files that were read and can be dropped at any time are no use of it.
        entry = "inactive_file" if self._is_second else "total_inactive_file"
        return None if used is None else max(0, used - (_number(self._entry("memory", "memory.stat", entry)) or 0))

    def _limit(self, controller: str, first: str, second: str) -> Optional[int]:
        limit = _number(self._get(controller, second if self._is_second else first))
        return None if limit is None or limit >= _NO_LIMIT else limit

    def _entry(self, controller: str, file: str, name: str) -> str:
        for line in self._get(controller, file).splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return value
        return ""

    def _get(self, controller: str, file: str) -> str:
        folder = _ROOT if self._is_second else f"{_ROOT}/{controller}"
        path = self._paths.get("" if self._is_second else controller, "")
        # Its own group may be all that a container sees of them.
        return _read(f"{folder}/{path}/{file}") or _read(f"{folder}/{file}")


def _read(name: str) -> str:
    try:
        with open(name, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def _number(text: str, factor: int = 1) -> Optional[int]:
    return int(text) * factor if text.isdigit() else None
