"""The ways to shut a process in, as commands: bubblewrap's, or our own where the service is root.

In each, the process has namespaces of its own (files, processes, network, IPC, names), sees Python's
own files and nothing else, can write none, has no privilege and not the service's user, and ends
with the service.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from bot.sandbox.inside import MACHINES

NOBODY = 65534
"""The user that source runs as; no file is this one's."""

_PYTHON = ("-I", "-S", "-B", "-X", "utf8", "-c")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A way to shut in a process: `command` and three numbers behind it (the user to become, or 0;
    bytes of memory; seconds of processor time) run the program of `inside`.
    """

    name: str
    command: tuple[str, ...]
    uid: int


@dataclass(frozen=True, slots=True)
class _Needs:
    """What of this machine's files Python needs: `shown` is there to read, `links` as they are,
    `hidden` lies in what is shown and is empty all the same.
    """

    python: str
    shown: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]


def enclosures(*, root: bool | None = None) -> Sequence[Enclosure]:
    """Those that may work here, the best first; to be sure of one, it has to be tried. `root`:
    whether the service has root's privileges (None: as this process).
    """
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        return ()
    return tuple(_candidates(_needs(), root=os.geteuid() == 0 if root is None else root))


def _candidates(needs: _Needs, *, root: bool) -> Iterator[Enclosure]:
    inside = (needs.python, *_PYTHON, _program("inside.py"))
    uid = NOBODY if root else 0
    if (bubblewrap := shutil.which("bwrap")) is not None:
        yield Enclosure("bubblewrap", (bubblewrap, *_bubblewrap(needs, root=root), *inside), uid)
    if root:
        walls = {"shown": needs.shown, "links": needs.links, "hidden": needs.hidden}
        enclosing = (needs.python, *_PYTHON, _program("enclosing.py"), json.dumps(walls))
        yield Enclosure("namespaces", (*enclosing, *inside), uid)


def _bubblewrap(needs: _Needs, *, root: bool) -> Iterator[str]:
    """Root needs no user namespace: it keeps what it takes to become somebody else, and does."""
    yield from ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts")
    yield from ("--unshare-cgroup-try", "--die-with-parent", "--new-session", "--clearenv")
    yield from ("--cap-drop", "ALL")
    if root:
        yield from ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    else:
        yield from ("--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY))
    above = {str(folder) for path in needs.shown for folder in Path(path).parents}
    for folder in sorted(above - {"/"}):
        yield from ("--perms", "0755", "--dir", folder)
    for path in needs.shown:
        yield from ("--ro-bind", path, path)
    for path, target in needs.links:
        yield from ("--symlink", target, path)
    for path in needs.hidden:
        yield from ("--tmpfs", path, "--remount-ro", path)
    yield from ("--remount-ro", "/", "--chdir", "/", "--")


def _needs() -> _Needs:
    python = os.path.realpath(sys.executable)
    paths = sysconfig.get_paths(vars={"base": sys.base_prefix, "platbase": sys.base_exec_prefix})
    standard = {os.path.realpath(paths[name]) for name in ("stdlib", "platstdlib")}
    library = Path(sysconfig.get_config_var("LIBDIR") or "/", _shared_library())
    shown = [python, *sorted(standard), *_of_the_system()]
    if library.is_file():
        shown += [str(library), os.path.realpath(library)]
    links = [
        (path, str(Path(path).readlink())) for path in ("/lib", "/lib64") if Path(path).is_symlink()
    ]
    hidden = [f"{each}/site-packages" for each in sorted(standard)]
    return _Needs(
        python,
        tuple(dict.fromkeys(shown)),
        tuple(links),
        tuple(each for each in hidden if Path(each).is_dir()),
    )


def _shared_library() -> str:
    return str(sysconfig.get_config_var("INSTSONAME") or "-")


def _of_the_system() -> Iterator[str]:
    """Folders of the system's shared libraries, and the index by which they are found; and what is
    known of time zones.
    """
    machine = str(sysconfig.get_config_var("MULTIARCH") or "-")
    for base in ("/usr/lib", "/lib"):
        folder = Path(base)
        if folder.is_dir() and not folder.is_symlink():
            yield str(folder / machine if (folder / machine).is_dir() else folder)
    for path in ("/usr/lib64", "/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo"):
        if Path(path).exists() and not Path(path).is_symlink():
            yield path


def _program(name: str) -> str:
    return resources.files("bot.sandbox").joinpath(name).read_text()
