"""The handful of system calls that Python's standard library does not wrap.

Used by `lab`, `machine` and `init`: namespaces, mounts, the name that `ps` shows, a process's start time.
A real kubelet and containerd reach the same calls through Go's `golang.org/x/sys/unix`.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_REC = 0x4000
MS_BIND = 0x1000
MS_SLAVE = 1 << 19
MS_SHARED = 1 << 20

_PR_SET_NAME = 15

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Give the calling process namespaces of its own."""
    _checked(_libc.unshare(flags), "unshare")


def setns(path: str, flag: int) -> None:
    """Enter the namespace that a file such as /run/netns/x or /proc/1/ns/pid stands for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _checked(_libc.setns(descriptor, flag), f"setns {path}")
    finally:
        os.close(descriptor)


def mount(source: str, target: str, *, kind: str = "", flags: int = 0, options: str = "") -> None:
    result = _libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _checked(result, f"mount {target}")


def unmount(target: str, flags: int = 0) -> None:
    _checked(_libc.umount2(target.encode(), flags), f"umount {target}")


def set_hostname(name: str) -> None:
    raw = name.encode()
    _checked(_libc.sethostname(raw, len(raw)), "sethostname")


def set_title(argv: list[str]) -> None:
    """Show `argv` in `ps` in place of the arguments that this process was forked with.

    The kernel reads a command line from the process's own memory: overwrite that, never beyond its end.
    """
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])
    text = b"\0".join(word.encode() for word in argv)[: end - start - 1]
    ctypes.memmove(start, text.ljust(end - start, b"\0"), end - start)
    _libc.prctl(_PR_SET_NAME, Path(argv[0]).name.encode()[:15], 0, 0, 0)


def start_time(pid: int) -> int:
    """Clock ticks between boot and the start of `pid`, 0 if there is none: tells a reused pid apart."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    fields = text.rpartition(")")[2].split()
    return 0 if fields[0] in "ZX" else int(fields[19])


def kill(pid: int, number: int) -> None:
    """Send a signal; a process that is gone already is what the sender wanted."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


@functools.cache
def boot_id() -> str:
    """Another one each time the kernel starts."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
