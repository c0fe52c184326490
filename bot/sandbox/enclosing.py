"""The program that builds the walls where root has no bubblewrap, and then becomes what it was given.
Run by its text alone, never imported.

Three processes: the first waits and ends when the service ends it, or ends; the second is the only
process that the third can see; the third runs the command. Arguments: the walls, as JSON, and the
command.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000
"""Of mounts, cgroups, names, IPC, processes and the network."""
NOSUID, NODEV, READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 2, 4, 1, 32, 4096, 16384, 1 << 18
DETACH = 2

libc = ctypes.CDLL(None, use_errno=True)


def done(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        sys.exit(f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    options = data.encode() or None
    wanted = kind.encode() or None
    number = ctypes.c_ulong(flags)
    done(libc.mount(source.encode(), target.encode(), wanted, number, options), f"mount {target}")


def end_with_parent() -> None:
    done(libc.prctl(1, signal.SIGKILL, 0, 0, 0), "prctl")


def build(walls: dict[str, Any]) -> None:
    """A root of nothing but what is to be seen, which nobody can write to."""
    mount("none", "/", "", RECURSIVE | PRIVATE)
    mount("tmpfs", "/tmp", "tmpfs", NOSUID | NODEV, "mode=0755")  # noqa: S108 (ours alone)
    Path("/tmp/old").mkdir()  # noqa: S108 (ours alone)
    done(libc.pivot_root(b"/tmp", b"/tmp/old"), "pivot_root")
    os.chdir("/")
    for path in walls["shown"]:
        show(path)
    for path, target in walls["links"]:
        Path(path).symlink_to(target)
    for path in walls["hidden"]:
        mount("tmpfs", path, "tmpfs", NOSUID | NODEV | READ_ONLY, "mode=0755")
    done(libc.umount2(b"/old", DETACH), "umount")
    Path("/old").rmdir()
    mount("none", "/", "", REMOUNT | READ_ONLY | NOSUID | NODEV)


def show(path: str) -> None:
    source, target = Path(f"/old{path}"), Path(path)
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(str(source), path, "", BIND)
    mount("none", path, "", BIND | REMOUNT | READ_ONLY | NOSUID | NODEV)


def ended_as(child: int) -> int:
    """How it ended, as a shell says it."""
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def main() -> None:
    walls, command = json.loads(sys.argv[1]), sys.argv[2:]
    end_with_parent()
    done(libc.unshare(NAMESPACES), "unshare")
    os.umask(0o022)
    if child := os.fork():
        os._exit(ended_as(child))
    end_with_parent()
    build(walls)
    if child := os.fork():
        os._exit(ended_as(child))
    os.setsid()
    os.execve(command[0], command, {})  # noqa: S606 (what all this is for)


if __name__ == "__main__":
    main()
