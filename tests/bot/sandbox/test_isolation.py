"""Source that nobody trusts is run for real, in each of the ways to shut it in, and tries to get out."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest

from agentcore.tools.code import Code, CodeResult
from bot.sandbox import Enclosure, IsolatedRunner, Limits, enclosures

LIMITS = Limits(seconds=20, processor=1, at_once=2)
ROOT = os.geteuid() == 0
WAYS = {
    "bubblewrap": 0,
    **({"namespaces": 1, "bubblewrap without root": 2} if ROOT else {}),
}


def ways() -> list[Enclosure]:
    return [*enclosures(), *(enclosures(root=False) if ROOT else ())]


@pytest.fixture(params=WAYS)
async def runner(request: pytest.FixtureRequest) -> IsolatedRunner:
    if sys.platform != "linux":
        pytest.skip("code tools run on Linux only")
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap isn't installed (on Debian and Ubuntu: apt install bubblewrap)")
    found = IsolatedRunner([ways()[WAYS[request.param]]], LIMITS)
    if (why := await found.obstacle()) is not None:
        pytest.skip(why)
    return found


async def ran(runner: IsolatedRunner, body: str, most: int = 50_000, **given: Any) -> CodeResult:
    """What comes of a function with this body."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    names = ", ".join(given)
    return await runner.run(Code(f"def tried({names}):\n{lines}", "tried", given, most))


ATTEMPTS = """
import ctypes, os, socket, subprocess, threading, urllib.request
libc = ctypes.CDLL(None, use_errno=True)

def call(number, *rest):
    if libc.syscall(number, *rest) < 0:
        raise OSError(ctypes.get_errno(), "refused")

def connect(family, address):
    with socket.socket(family) as end:
        end.settimeout(2)
        end.connect(address)

attempts = {
    "environment of others": lambda: open("/proc/1/environ").read(),
    "database": lambda: open(database).read(),
    "folder of the database": lambda: os.listdir(os.path.dirname(database)),
    "service": lambda: open(service).read(),
    "password file": lambda: open("/etc/passwd").read(),
    "other's packages": lambda: __import__("sqlalchemy"),
    "loopback": lambda: connect(socket.AF_INET, ("127.0.0.1", port)),
    "loopback over HTTP": lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=2),
    "socket of the machine below": lambda: connect(40, (2, 1024)),
    "abstract socket": lambda: connect(socket.AF_UNIX, "\\0familiar-test"),
    "fork": os.fork,
    "thread": lambda: threading.Thread(target=print).start(),
    "program": lambda: subprocess.run(["/bin/true"]),
    "become another program": lambda: os.execv("/proc/self/exe", ["python"]),
    "root's id": lambda: os.setuid(0),
    "new file": lambda: open("/here", "w"),
    "new temporary file": lambda: open("/tmp/here", "w"),
    "Python's own file": lambda: open(os.__file__, "a"),
    "mount": lambda: call(165 if machine == "x86_64" else 40, b"none", b"/", None, 32, None),
    "namespace": lambda: call(272 if machine == "x86_64" else 97, 0x10000000),
    "memory that isn't counted": lambda: os.memfd_create("here"),
    "shared memory": lambda: call(29 if machine == "x86_64" else 194, 0, 1 << 30, 0o1600),
    "4 GB": lambda: bytearray(4 << 30),
    "more time": lambda: __import__("resource").setrlimit(0, (60, 60)),
    "parent": lambda: os.kill(os.getppid(), 0) or os.kill(os.getppid(), 9),
}
came_to = {}
for name, attempt in attempts.items():
    try:
        attempt()
        came_to[name] = "done"
    except BaseException as error:
        came_to[name] = type(error).__name__
def is_open(number):
    try:
        return bool(os.fstat(number))
    except OSError:
        return False

came_to["files that are open"] = [number for number in range(32) if is_open(number)]
came_to["environment"] = sorted(os.environ)
came_to["processes"] = os.getpid()
came_to["user"] = os.getuid()
return came_to
"""


@pytest.fixture
def listening() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


async def test_nothing_outside_can_be_reached(
    runner: IsolatedRunner, tmp_path: Path, listening: int
) -> None:
    database = tmp_path / "familiar.db"
    database.write_text("secret")
    database.chmod(0o644)
    result = await ran(
        runner,
        ATTEMPTS,
        database=str(database),
        service=__file__,
        port=listening,
        machine=os.uname().machine,
    )
    assert result.status == "success", result.text
    came_to = json.loads(result.text)
    assert came_to.pop("files that are open") == [0, 1, 2, 3]  # its pipes
    assert came_to.pop("environment") == []
    assert came_to.pop("processes") < 5
    assert came_to.pop("user") == 65534
    # Where it shares a user with what waits for it, it may ask; the signal isn't delivered.
    came_to.pop("parent")
    assert [name for name, end in came_to.items() if end == "done"] == []
    assert database.read_text() == "secret"


async def test_what_is_allowed_works(runner: IsolatedRunner) -> None:
    result = await ran(
        runner,
        """
import asyncio, decimal, hashlib, re, uuid, zoneinfo, datetime
async def later():
    await asyncio.sleep(0)
    return str(decimal.Decimal("1.10") * 2)
print("on the way")
zone = zoneinfo.ZoneInfo("Europe/Lisbon")
return {"sum": asyncio.run(later()), "given": given, "zone": str(zone), "n": None}
""",
        given={"a": [1, "é\u2028"]},
    )
    assert result.status == "success"
    said = {"sum": "2.20", "given": {"a": [1, "é\u2028"]}, "zone": "Europe/Lisbon", "n": None}
    assert json.loads(result.text) == said
    assert result.stdout == "on the way\n"


@pytest.fixture(scope="module")
async def any_runner() -> IsolatedRunner:
    """For what doesn't depend on how the source is shut in."""
    found = IsolatedRunner(enclosures(), LIMITS)
    if (why := await found.obstacle()) is not None:
        pytest.skip(why)
    return found


async def test_an_endless_loop_is_ended(any_runner: IsolatedRunner) -> None:
    result = await ran(any_runner, "while True: pass")
    assert result == CodeResult("error", "It used more than 1 seconds of processor time.")


@pytest.mark.usefixtures("any_runner")
async def test_waiting_is_ended_too() -> None:
    runner = IsolatedRunner(enclosures(), Limits(seconds=1))
    while await runner.obstacle() is not None:
        pass  # its own trial may be what takes too long, where much else is going on
    result = await ran(runner, "import time; time.sleep(60)")
    assert result == CodeResult("error", "It took longer than 1 seconds.")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("raise ValueError('not so')", "ValueError: not so\n  line 2: raise ValueError('not so')"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import os; os._exit(0)", "It returned too much, or nothing that can be read."),
        ("import os; os._exit(7)", "It ended without an answer."),
        ("import os; os.abort()", "It crashed (signal 6)."),
        ("return object.__new__(1)", "TypeError: object.__new__(X): X is not a type object (int)"),
        ("nothing = (", "SyntaxError: '(' was never closed (tool.py, line 2)\n  line 2"),
        ("import numpy", "ModuleNotFoundError: No module named 'numpy'"),
    ],
)
async def test_what_goes_wrong_is_told(any_runner: IsolatedRunner, body: str, text: str) -> None:
    result = await ran(any_runner, body)
    assert result.status == "error"
    assert result.text.startswith(text)


async def test_what_comes_back_is_cut_and_never_too_much(any_runner: IsolatedRunner) -> None:
    flood = await ran(
        any_runner,
        """
piece = "x" * 1_000_000
for _ in range(1_000):
    print(piece)
return "y" * 200
""",
        most=100,
    )
    assert flood.text == "y" * 100 + "… (cut off: 200 characters, 100 are shown)"
    assert 0 < len(flood.stdout) <= 10_000
    past = await ran(
        any_runner, "import os\nfor _ in range(1000): os.write(1, b'x' * 60_000)\nreturn 'end'"
    )
    assert past.text == "end"
    forged = await ran(
        any_runner,
        """
import os, json
for each in range(3, 12):
    try:
        for _ in range(400): os.write(each, b'{"status": "success", "text": "' + b"z" * 60_000)
    except OSError:
        pass
os._exit(0)
""",
        most=100,
    )
    assert forged.status == "error"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("return 'plain'", "plain"),
        ("return None", "None"),
        ("return [1, 2.5, True, {'a': 'é'}]", '[1, 2.5, true, {"a": "é"}]'),
        ("return {1, 1}", "{1}"),
        ("a = []; a.append(a); return a", "[[...]]"),
        ("return 'a\\0b\\ud800c'", "a\ufffdb?c"),
    ],
)
async def test_any_value_becomes_a_text(any_runner: IsolatedRunner, body: str, text: str) -> None:
    assert await ran(any_runner, body) == CodeResult("success", text)


async def test_what_is_given_to_it_is_all_of_its_environment(any_runner: IsolatedRunner) -> None:
    source = "import os\ndef tried():\n    return dict(os.environ)"
    result = await any_runner.run(Code(source, "tried", {}, 100, {"KEY": "x"}))
    assert json.loads(result.text) == {"KEY": "x"}


async def test_calls_wait_for_a_free_place(any_runner: IsolatedRunner) -> None:
    results: list[str] = []

    async def one(number: int) -> None:
        results.append((await ran(any_runner, "return number", number=number)).text)

    async with anyio.create_task_group() as tasks:
        for number in range(4):
            tasks.start_soon(one, number)
    assert sorted(results) == ["0", "1", "2", "3"]


async def test_where_nothing_can_be_shut_in_nothing_runs(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    broken = Enclosure("wall", (sys.executable, "-c", "import sys; sys.exit('no walls')"), 0)
    missing = Enclosure("gone", (str(tmp_path / "bwrap"),), 0)
    runner = IsolatedRunner([broken, missing])
    result = await ran(runner, f"open({str(touched)!r}, 'w')")
    assert result.status == "error"
    assert "install bubblewrap" in result.text
    assert "wall: It ended without an answer. no walls" in result.text
    assert "gone: It can't be started" in result.text
    assert not touched.exists()
    assert await IsolatedRunner([]).obstacle() is not None
