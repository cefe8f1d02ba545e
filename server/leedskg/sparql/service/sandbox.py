"""What a query worker may not do: outgrow its memory, outlive its supervisor, or open a connection.

The engine executes SERVICE by HTTP and cannot be told not to. `sparql.tokens` refuses such queries by their
text; here the kernel refuses the socket, so that a gap in the one layer is closed by the other. A worker that forwards
queries to a server has to open sockets, and its engine has not: there the thread that the engine reads in is refused.
Only Linux has this; elsewhere, and where the settings switch it off, `deny_sockets` says so and the first layer stands
alone.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# The numbers are the kernel's: asm/unistd.h, linux/seccomp.h, linux/filter.h, linux/audit.h.
_SET_PARENT_DEATH_SIGNAL = 1
_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
_FILTER_FLAG_TSYNC = 1
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | 1  # ERRNO, EPERM
_KILL = 0x80000000
_LOAD_WORD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_X32 = 0x40000000

#: The environment to start it in: another arena reserves 64 MiB of address space, which would count against its cap.
ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}

#: Of 1000: how expendable a worker is to the kernel. What it does can be asked again.
_EXPENDABLE = 500
#: By how much nicer a heavy query is: a third of the share of others, where they compete.
_LOW = 5

# socket, socketpair, connect, bind, listen, accept, accept4, execve, execveat, ptrace, process_vm_readv,
# process_vm_writev, io_uring_setup, io_uring_enter, io_uring_register (a ring can open sockets by itself),
# pidfd_open, pidfd_getfd (which takes a socket out of another process).
_COMMON = (425, 426, 427, 434, 438)
_MACHINES = {
    "x86_64": (0xC000003E, 317, (41, 53, 42, 49, 50, 43, 288, 59, 322, 101, 310, 311, *_COMMON)),
    "aarch64": (0xC00000B7, 277, (198, 199, 203, 200, 201, 202, 242, 221, 281, 117, 270, 271, *_COMMON)),
}


@dataclass(frozen=True)
class SandboxState:
    """What could be put in force. `reason` says why sockets are not denied, where they are not."""

    sockets_denied: bool
    reason: str = ""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def limit_memory(mebibytes: int) -> None:
    """Cap the address space, and leave no core file when the engine runs into the cap and aborts."""
    size = mebibytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def name_process(name: str) -> None:
    """Have `ps` and `top` show a name, of 15 characters at most, for this process. Linux; elsewhere nothing."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(name, encoding="ascii")


def raise_oom_score() -> None:
    """Have the kernel end this process before the web process or the supervisor when the machine has no memory left."""
    with suppress(OSError):
        adjustment = Path("/proc/self/oom_score_adj")
        adjustment.write_text(str(max(_EXPENDABLE, int(adjustment.read_text(encoding="ascii")))), encoding="ascii")


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, also while the engine is at work or it is suspended.

    The parent has to be a process of one thread, since the kernel means the thread that forked. Elsewhere than on Linux
    the timer of each query, and the end of the connection to the parent, have to do.
    """
    if sys.platform == "linux":
        _libc().prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before that
            os._exit(0)


def priority() -> int:
    """Return the priority of the thread that asks: the higher the number, the less it gets."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def lower_priority(pid: int) -> bool:
    """Give what a worker is doing a low priority; whether the worker keeps its own for what comes next.

    Linux gives each thread a priority, and nobody without rights may raise one. So a worker answers in a thread, that
    thread alone is lowered, and another takes its place. Elsewhere the process is lowered whole, and has to be
    replaced. See docs/decisions/0042.
    """
    low = min(19, priority() + _LOW)
    answering = _threads(pid)
    with suppress(ProcessLookupError, PermissionError):  # it has ended
        for each in answering or [pid]:
            os.setpriority(os.PRIO_PROCESS, each, low)
    return bool(answering)


def lower_own_priority() -> None:
    """Give the thread that asks a low priority, where a thread can have one of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, 0, min(19, priority() + _LOW))


def _threads(pid: int) -> list[int]:
    """Return the threads of a process but for its first, which waits for the others; none where nobody tells."""
    try:
        return [int(each.name) for each in Path(f"/proc/{pid}/task").iterdir() if each.name != str(pid)]
    except OSError:
        return []


def private_memory(pid: int) -> int:
    """Return the bytes that a process has reserved for itself and may write to; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[5]) * resource.getpagesize()
    except OSError:
        return 0


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def deny_sockets(*, plain: bool = False, all_threads: bool = True) -> SandboxState:
    """Have the kernel refuse this process new sockets and new programs, for good; or the thread that asks alone.

    The sockets that are open stay usable. Call it when everything is open that has to be. With `plain` it does nothing.
    """
    if plain:
        return SandboxState(sockets_denied=False, reason="LEEDSKG_LINUX_FEATURES is none")
    if sys.platform != "linux":
        return SandboxState(sockets_denied=False, reason=f"{platform.system()} has no seccomp")
    if platform.machine() not in _MACHINES or sys.maxsize < 2**32:
        return SandboxState(sockets_denied=False, reason=f"no filter is written for {platform.machine()}")
    architecture, seccomp, denied = _MACHINES[platform.machine()]
    program = _filter(architecture, denied)
    buffer = ctypes.create_string_buffer(program, len(program))
    libc = _libc()
    if libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return SandboxState(sockets_denied=False, reason=f"prctl: {os.strerror(ctypes.get_errno())}")
    described = _Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    # TSYNC: the store has threads of its own by now, and they run queries too.
    flags = _FILTER_FLAG_TSYNC if all_threads else 0
    outcome = libc.syscall(seccomp, _SET_MODE_FILTER, flags, ctypes.byref(described))
    if outcome != 0:
        reason = "a thread has a filter of its own" if outcome > 0 else os.strerror(ctypes.get_errno())
        return SandboxState(sockets_denied=False, reason=f"seccomp: {reason}")
    return SandboxState(sockets_denied=True)


def _filter(architecture: int, denied: tuple[int, ...]) -> bytes:
    """Return the filter in the kernel's BPF: another architecture's call kills, a denied one fails with EPERM."""
    instructions = [
        (_LOAD_WORD, 0, 0, 4),  # the architecture of the call: a 64-bit process can make 32-bit calls
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD_WORD, 0, 0, 0),  # the number of the call
        (_JUMP_AT_LEAST, len(denied) + 1, 0, _X32),  # x32: the same calls under other numbers
        *((_JUMP_EQUAL, len(denied) - place, 0, number) for place, number in enumerate(denied)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),  # where the jumps go; they count from the instruction behind them
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
