"""The program that runs a tool's source, inside its isolation. Run by its text alone, never imported.

It gives up all that it could still do to others before it looks at the source: other ids, limits,
and the system calls that reach further than its own memory. The request comes on standard input;
the answer goes where standard output was, as JSON.
"""

from __future__ import annotations

import asyncio
import ctypes
import inspect
import io
import json
import os
import platform
import resource
import struct
import sys
import traceback
from typing import Any

MOST_PRINTED = 10_000
"""Characters of what is printed, each way, that are kept."""
FRAMES = 5

EPERM, ENOSYS = 1, 38
REFUSE = 0x00050000
ALLOW = 0x7FFF0000
KILL = 0x80000000
X32 = 0x40000000
NEWER = range(424, 1_000)
"""System calls since 2019, which have one number everywhere. Python can do without all of them."""

# name: (on x86_64, on aarch64); None where there is no such call.
REFUSED = {
    # other processes, and other programs in this one
    "clone": (56, 220),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    # the network; also kinds of sockets that no namespace holds back
    "socket": (41, 198),
    # memory that no limit counts
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # parts of the kernel that ways out were found through
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "modify_ldt": (154, None),
    "personality": (135, 92),
    "open_by_handle_at": (304, 265),
}
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Which column of the table, and how the kernel calls the machine."""


def main() -> None:
    uid, memory, seconds = (int(each) for each in sys.argv[1:4])
    if uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    limit(memory, seconds)
    answer = os.fdopen(os.dup(1), "wb")
    request = json.loads(sys.stdin.buffer.read())
    os.dup2(2, 1)  # what is printed past Python is no answer
    printed = Printed(), Printed()
    # Looked up while it still may be.
    outcome = run(request, printed)
    answer.write(json.dumps(outcome, ensure_ascii=False).encode(errors="replace"))
    answer.flush()
    os._exit(0)  # nothing that the source has left behind runs any more


def limit(memory: int, seconds: int) -> None:
    """Of this process, for good."""
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(kind, (most, most))


def refuse_calls() -> None:
    """Let the kernel refuse what the table names, from now on."""
    column, machine = MACHINES[platform.machine()]
    numbers = [number for pair in REFUSED.values() if (number := pair[column]) is not None]
    program = [
        (0x20, 0, 0, 4),  # load the machine
        (0x15, 1, 0, machine),
        (0x06, 0, 0, KILL),
        (0x20, 0, 0, 0),  # load the number
        (0x35, 0, 1, X32),  # the same calls by other numbers
        (0x06, 0, 0, REFUSE | EPERM),
    ]
    for number in numbers:
        program += [(0x15, 0, 1, number), (0x06, 0, 0, REFUSE | EPERM)]
    program += [
        (0x35, 0, 1, NEWER.start),
        (0x06, 0, 0, REFUSE | ENOSYS),
        (0x06, 0, 0, ALLOW),
    ]
    code = b"".join(struct.pack("HBBI", *each) for each in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    filters = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, filters, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")


class Printed(io.TextIOBase):
    """The beginning of what is printed."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text += text[: MOST_PRINTED - len(self.text)]
        return len(text)


def run(request: dict[str, Any], printed: tuple[Printed, Printed]) -> dict[str, str]:
    """Call the function, and tell what became of it."""
    source, most = request["source"], request["most"]
    refuse_calls()
    environment = os.environ  # noqa: TID251 (the source's, not the service's)
    environment.clear()
    environment.update(request["environment"])
    sys.stdout, sys.stderr = printed
    try:
        space: dict[str, Any] = {"__name__": "tool"}
        exec(compile(source, "tool.py", "exec"), space)  # noqa: S102 (what all this is for)
        value = space[request["function"]](**request["arguments"])
        if inspect.iscoroutine(value):
            value = asyncio.run(value)
        outcome = {"status": "success", "text": clipped(as_text(value), most)}
    except BaseException as error:  # noqa: BLE001 (SystemExit and the like, too)
        outcome = {"status": "error", "text": clipped(told(error, source), most)}
    finally:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    return {**outcome, "stdout": printed[0].text, "stderr": printed[1].text}


def as_text(value: object) -> str:
    """Texts as they are; what JSON can say, as JSON; the rest, and None, as Python prints it."""
    if value is None or isinstance(value, str):
        return str(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return str(value)


def clipped(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]}… (cut off: {len(text)} characters, {most} are shown)"


def told(error: BaseException, source: str) -> str:
    """What was raised, and where in the source."""
    lines = source.splitlines()
    places = [
        f"line {frame.lineno}: {lines[frame.lineno - 1].strip()}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == "tool.py" and frame.lineno and frame.lineno <= len(lines)
    ]
    where = "".join(f"\n  {place}" for place in places[-FRAMES:])
    if isinstance(error, SyntaxError):
        where = f"\n  line {error.lineno}"
    return f"{type(error).__name__}: {error}{where}"


if __name__ == "__main__":
    main()
