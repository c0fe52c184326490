"""Backups that somebody made up: nothing is written elsewhere, and none of them fills the memory."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.errors import BadInput
from agentcore.testing import FakeClock
from bot.backups.archive import FORMAT, MANIFEST
from bot.backups.making import DATABASE, State
from bot.backups.restoring import restore_backup
from tests.fuzz.amounts import examples

MEGABYTE = 1024 * 1024


def entry(name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"", **more: Any) -> bytes:
    """One file of an archive, as it stands there."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, len(content)
    for field, value in more.items():
        setattr(info, field, value)
    padding = b"\0" * (-len(content) % tarfile.BLOCKSIZE)
    return info.tobuf(tarfile.GNU_FORMAT) + content + padding


def listing(*names: str) -> bytes:
    member = {"size": 1, "sha256": "0" * 64}
    told = {
        "format": FORMAT,
        "made_at": "2026-11-21",
        "db_schema": "1",
        "rows": {},
        "files": dict.fromkeys(names, member),
    }
    return entry(MANIFEST, content=json.dumps(told).encode())


LINK: dict[str, Any] = {"linkname": "/etc/passwd"}
HOSTILE = {
    "path upwards": listing("../../evil") + entry("../../evil", content=b"x"),
    "absolute path": listing("/srv/evil") + entry("/srv/evil", content=b"x"),
    "link": listing(DATABASE) + entry(DATABASE, tarfile.SYMTYPE, **LINK),
    "hard link": listing(DATABASE) + entry(DATABASE, tarfile.LNKTYPE, **LINK),
    "device": listing(DATABASE) + entry(DATABASE, tarfile.CHRTYPE, devmajor=1, devminor=5),
    "pipe": listing(DATABASE) + entry(DATABASE, tarfile.FIFOTYPE),
    "folder": listing(DATABASE) + entry(DATABASE, tarfile.DIRTYPE),
    "sparse": listing(DATABASE) + entry(DATABASE, tarfile.GNUTYPE_SPARSE),
    "unknown kind": listing(DATABASE) + entry(DATABASE, b"Z", b"x"),
    "deep listing": entry(MANIFEST, content=b"[" * 100_000),
    "listing of numbers": entry(MANIFEST, content=b'{"format": 1e999}'),
    "format of text": entry(MANIFEST, content=b'{"format": "2"}'),
}
BOMBS = {
    "long name": (tarfile.GNUTYPE_LONGNAME, 64),
    "long link": (tarfile.GNUTYPE_LONGLINK, 64),
    "long head": (tarfile.XHDTYPE, 64),
    "long global head": (tarfile.XGLTYPE, 64),
}


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """An empty one, which stays so."""
    folder = tmp_path / "below" / "data"
    folder.mkdir(mode=0o700, parents=True)
    yield State(folder / "familiar.db")
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == ["backup"]


def refused(state: State, archive: bytes) -> None:
    source = state.folder.parent.parent / "backup"
    source.write_bytes(gzip.compress(archive, 1))
    with pytest.raises(BadInput, match=r"damaged|no backup|newer"):
        restore_backup(state, source, FakeClock())


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_plain_file_of_ours_is_refused(state: State, name: str) -> None:
    refused(state, HOSTILE[name] + bytes(2 * tarfile.BLOCKSIZE))


@pytest.mark.parametrize("name", BOMBS)
def test_a_few_bytes_that_unpack_to_very_many_fill_no_memory(state: State, name: str) -> None:
    kind, megabytes = BOMBS[name]
    archive = io.BytesIO()
    archive.write(listing(DATABASE))
    archive.write(entry("x", kind, size=megabytes * MEGABYTE)[: tarfile.BLOCKSIZE])
    archive.write(bytes(megabytes * MEGABYTE))
    packed = archive.getvalue()
    tracemalloc.start()
    try:
        refused(state, packed)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < megabytes * MEGABYTE / 2


@examples(20)
@given(
    st.lists(
        st.binary(max_size=20)
        | st.sampled_from([listing(DATABASE), *HOSTILE.values(), bytes(tarfile.BLOCKSIZE)])
    ).map(b"".join)
)
def test_any_archive_is_refused(tmp_path_factory: pytest.TempPathFactory, archive: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "restoring"
    folder.mkdir(exist_ok=True)
    (folder / "data").mkdir(exist_ok=True)
    source = folder / "backup"
    source.write_bytes(gzip.compress(archive, 1))
    with pytest.raises(BadInput, match=r"damaged|no backup|newer"):
        restore_backup(State(folder / "data" / "familiar.db"), source, FakeClock())
