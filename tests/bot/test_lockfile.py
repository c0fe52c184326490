from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.host.lockfile import AlreadyRunning, RunningService, ServiceLock, read_lock

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from bot.host.lockfile import ServiceLock
lock = ServiceLock.acquire(Path(sys.argv[1]))
lock.publish("http://127.0.0.1:8283", "the key")
sys.stdout.write("held\\n")
sys.stdout.flush()
sys.stdin.read()
"""


@contextmanager
def held_elsewhere(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process holds the lock, until it is killed or the block ends."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "familiar.lock"


def test_nobody_holds_a_lock_that_was_never_taken(path: Path) -> None:
    assert read_lock(path) is None
    assert not path.exists()


def test_a_holder_in_another_process_is_found_with_its_door(path: Path) -> None:
    with held_elsewhere(path) as holder:
        assert read_lock(path) == RunningService(holder.pid, "http://127.0.0.1:8283", "the key")


def test_a_second_holder_is_told_who_holds_it_and_what_to_do(path: Path) -> None:
    with held_elsewhere(path) as holder, pytest.raises(AlreadyRunning) as raised:
        ServiceLock.acquire(path)

    assert (raised.value.pid, raised.value.url) == (holder.pid, "http://127.0.0.1:8283")
    assert str(holder.pid) in str(raised.value)
    assert "stop it" in str(raised.value)
    assert "the key" not in str(raised.value)


def test_a_killed_holder_blocks_nobody_and_what_it_wrote_is_not_believed(path: Path) -> None:
    with held_elsewhere(path) as holder:
        holder.kill()
        holder.wait()

        assert "the key" in path.read_text()
        assert read_lock(path) is None
        with ServiceLock.acquire(path):
            assert read_lock(path) is not None


def test_before_the_door_is_open_only_the_pid_is_known(path: Path) -> None:
    with ServiceLock.acquire(path):
        running = read_lock(path)

    assert running is not None
    assert running.pid > 0
    assert (running.url, running.key) == ("", "")


def test_a_released_lock_can_be_taken_again(path: Path) -> None:
    lock = ServiceLock.acquire(path)
    lock.publish("http://127.0.0.1:1", "secret")
    lock.release()
    lock.release()

    assert read_lock(path) is None
    assert path.read_text() == ""
    ServiceLock.acquire(path).release()


def test_looking_does_not_keep_a_service_from_starting(path: Path) -> None:
    ServiceLock.acquire(path).release()

    for _ in range(20):
        assert read_lock(path) is None
        ServiceLock.acquire(path).release()


def test_only_the_owner_can_read_it(path: Path) -> None:
    path.write_text("")
    path.chmod(0o644)

    with ServiceLock.acquire(path) as lock:
        lock.publish("http://127.0.0.1:1", "secret")

        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert set(json.loads(path.read_text())) == {"pid", "url", "key"}


def test_a_link_in_its_place_is_not_followed(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    path.symlink_to(target)

    with pytest.raises(OSError, match="symbolic links"):
        ServiceLock.acquire(path)

    assert target.read_text() == "precious"


def test_the_key_does_not_show_in_a_representation() -> None:
    assert "secret" not in repr(RunningService(1, "http://127.0.0.1:1", "secret"))


def test_a_held_lock_with_unreadable_content_still_counts_as_held(path: Path) -> None:
    with ServiceLock.acquire(path):
        path.write_text("{")

        assert read_lock(path) == RunningService(pid=0)
        with pytest.raises(AlreadyRunning):
            ServiceLock.acquire(path)
