"""What this container is seen to be from inside; ``facts.ts`` says what each entry means."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from .cgroup import ControlGroup

# Linux's numbers: the request for the flags of a network interface, and the flag of one that is up.
_SIOCGIFFLAGS = 0x8913
_IFF_UP = 1

# Where engines mount what is the kernel's, or empty, unless a part of one is mounted there.
_VIRTUAL = {"/proc", "/sys", "/dev", "/dev/pts", "/dev/mqueue", "/dev/shm", "/tmp"}
# Those that some engines make where the root can't be written, and the files that they put there.
_TEMPORARY = {"/run", "/var/tmp"}
_OF_TEMPORARY = {".containerenv"}
# What engines themselves put into every container.
_OF_ENGINES = {
    "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/etc/passwd", "/etc/group", "/etc/timezone", "/etc/localtime",
    "/run/.containerenv", "/run/secrets", "/sbin/docker-init", "/dev/init", "/run/podman-init", "/dev/console",
}  # fmt: skip


# Linux's numbers of null, zero, full, random, urandom and tty, and of what a character device is told by.
_PLAIN_DEVICES = {(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0)}
_FILE_TYPE, _CHARACTER_DEVICE = 0o170000, 0o020000


def facts(group: ControlGroup) -> dict[str, Any]:
    status = _status()
    # Those that it has or may get; what it is bounded by counts where a program can bring more.
    capabilities = {name: int(status.get(f"Cap{name}", "0"), 16) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")}
    no_new_privileges = status.get("NoNewPrivs") == "1"
    bounded = capabilities.pop("Bnd")
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "executable": sys.executable,
        "user": os.getuid(),
        "isFirstProcess": os.getpid() == 1,
        "hasCapabilities": any(capabilities.values()) or (bounded != 0 and not no_new_privileges),
        "noNewPrivileges": no_new_privileges,
        "rootIsWritable": not os.statvfs("/").f_flag & os.ST_RDONLY,
        "interfaces": _interfaces(),
        "memoryLimit": group.memory_limit(),
        "memoryAndSwapLimit": group.memory_and_swap_limit(),
        "cpuLimit": group.cpu_limit(),
        "processLimit": group.process_limit(),
        "fileSizeLimit": _file_size_limit(),
        "mounts": _mounts(),
    }


def _status() -> dict[str, str]:
    with open("/proc/self/status", encoding="utf-8", errors="replace") as file:
        entries = (line.partition(":") for line in file)
        return {name: value.strip() for name, _, value in entries}


def _interfaces() -> list[str]:
    import _socket
    import fcntl

    with open("/proc/net/dev", encoding="utf-8") as file:
        names = [line.partition(":")[0].strip() for line in file if ":" in line]
    found = []
    asking = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    for name in names:
        if name != "lo":
            try:
                answer = fcntl.ioctl(asking.fileno(), _SIOCGIFFLAGS, name.encode()[:15].ljust(40, b"\0"))
            except OSError:
                # Gone, or not told: then it is taken for one that is up.
                found.append(name)
                continue
            if int.from_bytes(answer[16:18], sys.byteorder) & _IFF_UP:
                found.append(name)
    asking.close()
    return found


def _file_size_limit() -> Optional[int]:
    import resource

    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    return None if limit == resource.RLIM_INFINITY else limit


def _mounts() -> list[dict[str, Any]]:
    mounts = []
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            fields, _, rest = line.partition(" - ")
            _, _, _, root, target, options = fields.split(" ")[:6]
            kind = rest.split(" ")[0]
            is_whole = root == "/"
            writable = "rw" in options.split(",")
            if target == "/" or target in _OF_ENGINES or target.startswith(("/proc/", "/sys/")):
                continue
            # A writable one of the kernel's settings is given to containers that have the devices of the machine as well.
            if target in _VIRTUAL and (is_whole or kind == "devpts") and not (target == "/sys" and writable):
                continue
            if kind == "tmpfs" and is_whole and _is_empty(target):
                continue
            if target.startswith("/dev/") and _is_plain_device(target):
                continue
            target = target.encode("ascii", "backslashreplace").decode("unicode_escape")
            mounts.append({"target": target, "type": kind, "writable": writable})
    return mounts


def _is_plain_device(target: str) -> bool:
    """Whether it is a device that every program has. An engine without root can't make these, and mounts the machine's."""
    status = os.stat(target)
    number = (os.major(status.st_rdev), os.minor(status.st_rdev))
    return status.st_mode & _FILE_TYPE == _CHARACTER_DEVICE and number in _PLAIN_DEVICES


def _is_empty(target: str) -> bool:
    """Whether it is a place for temporary files that has none: the machine's would have some."""
    folders = (set(files) for folder, _, files in os.walk(target) if not folder.startswith("/run/secrets"))
    return target in _TEMPORARY and all(files <= _OF_TEMPORARY for files in folders)
