"""The form of a backup: a tar file, compressed by gzip, of a manifest and the files it lists.

`tar xzf` opens it without this program. The manifest comes first and has the size and SHA-256 of
each file, so that a damaged one is found before anything is done with it.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import json
import os
import secrets
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from pydantic import BaseModel, ConfigDict, NonNegativeInt

from agentcore.errors import BadInput, StoreFull

FORMAT = 1
MANIFEST = "manifest.json"
MOST_OF_A_MANIFEST = 1024 * 1024
_MOST_OF_A_HEAD = 64 * 1024
"""What says how long a file of more than eight gigabytes is, takes some letters."""
_BLOCK = 1024 * 1024


class _Entry(tarfile.TarInfo):
    """The head of a file as our archives have it. The library reads any other kind into memory,
    however long it says that it is, or follows it to another place.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        entry = super().frombuf(buf, encoding, errors)
        of_ours = entry.type == tarfile.REGTYPE or (
            entry.type == tarfile.XHDTYPE and entry.size <= _MOST_OF_A_HEAD
        )
        if not of_ours:
            msg = "an entry of a kind that backups don't have"
            raise tarfile.ReadError(msg)
        return entry


class Member(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(frozen=True)

    size: NonNegativeInt
    sha256: str


class Manifest(BaseModel):
    """What is in a backup. `made_at` is a moment in ISO 8601, `rows` are those of each table."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    made_at: str
    db_schema: str
    rows: Mapping[str, int]
    files: Mapping[str, Member]


@dataclass(frozen=True, slots=True)
class Sealed:
    """An archive as it was written and read again."""

    manifest: Manifest
    size: int


def member_of(path: Path) -> Member:
    """A file as a manifest lists it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return Member(size=path.stat().st_size, sha256=digest.hexdigest())


def write_archive(target: Path, manifest: Manifest, files: Mapping[str, Path]) -> Sealed:
    """Write an archive, read it again, and only then put it in its place.

    Raises:
        OSError: no room, or no right; `target` is as it was.
        BadInput: what was read isn't what was written.
    """
    with beside(target) as part:
        with part.open("wb") as out:
            with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
                listing = manifest.model_dump_json(indent=2).encode()
                tar.addfile(_entry(MANIFEST, len(listing)), io.BytesIO(listing))
                for name, path in files.items():
                    with path.open("rb") as content:
                        tar.addfile(_entry(name, manifest.files[name].size), content)
            out.flush()
            os.fsync(out.fileno())
        found = read_archive(part, lambda _name: None)
        size = part.stat().st_size
        part.replace(target)
        _sync_folder(target.parent)
    return Sealed(found, size)


def read_archive(path: Path, place_for: Callable[[str], Path | None]) -> Manifest:
    """Read an archive to its end, check all of it, and write its files to where `place_for` says
    (None: nowhere).

    Raises:
        BadInput: it is no backup, is damaged, or is of a newer form.
        OSError: it can't be read, or a file can't be written.
    """
    try:
        with gzip.open(path) as file:
            with tarfile.open(fileobj=file, mode="r|", tarinfo=_Entry) as tar:
                manifest, missing = _taken_out(path, tar, place_for)
            while file.read(_BLOCK):  # to the sum at its end
                pass
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise _damaged(path, "it can't be unpacked") from error
    except OSError as error:
        if error.errno is None:  # gzip's way to say that it isn't one, or that its sum is wrong
            raise _damaged(path, "it can't be unpacked") from error
        raise
    if missing:
        raise _damaged(path, f"{', '.join(missing)} is missing")
    return manifest


def _taken_out(
    path: Path, tar: tarfile.TarFile, place_for: Callable[[str], Path | None]
) -> tuple[Manifest, Mapping[str, Member]]:
    """Read all entries of an archive; its manifest, and what that lists and isn't there."""
    entries = iter(tar)
    manifest = _manifest(path, tar, next(entries, None))
    missing = dict(manifest.files)
    for entry in entries:
        if (listed := missing.pop(entry.name, None)) is None or not entry.isfile():
            raise _damaged(path, f"{entry.name!r} doesn't belong to it")
        content = tar.extractfile(entry)
        if content is None or _copied(content, place_for(entry.name)) != listed:
            raise _damaged(path, f"{entry.name} isn't what it was")
    return manifest, missing


@contextmanager
def told_if_full(what: str) -> Iterator[None]:
    """A disk that is full, as a sentence that says what wasn't done.

    Raises:
        StoreFull: in the place of the system's own error.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise
        msg = f"The disk is full: {what}. Free some space and try again."
        raise StoreFull(msg) from error


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A name beside `target` for a file of its owner alone, which is gone after the block unless
    it was renamed.
    """
    path = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _manifest(path: Path, tar: tarfile.TarFile, entry: tarfile.TarInfo | None) -> Manifest:
    content = None
    if entry is not None and entry.name == MANIFEST and entry.size <= MOST_OF_A_MANIFEST:
        content = tar.extractfile(entry)
    if content is None:
        msg = f"{path} is no backup of Familiar: there is no manifest at its beginning."
        raise BadInput(msg)
    try:
        listing: Any = json.loads(content.read())
        if isinstance(listing, dict) and listing.get("format", 0) > FORMAT:
            msg = f"{path} was made by a newer version of Familiar. Upgrade this program."
            raise BadInput(msg)
        return Manifest.model_validate(listing)
    except (ValueError, TypeError, RecursionError) as error:
        raise _damaged(path, "its manifest can't be read") from error


def _copied(content: IO[bytes], place: Path | None) -> Member:
    """Read a file to its end; its size and sum."""
    digest, size = hashlib.sha256(), 0
    out = None if place is None else place.open("wb")
    try:
        while block := content.read(_BLOCK):
            digest.update(block)
            size += len(block)
            if out is not None:
                out.write(block)
        if out is not None:
            out.flush()
            os.fsync(out.fileno())
    finally:
        if out is not None:
            out.close()
    return Member(size=size, sha256=digest.hexdigest())


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o600
    return entry


def _sync_folder(folder: Path) -> None:
    """See that a rename survives a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _damaged(path: Path, why: str) -> BadInput:
    return BadInput(f"The backup {path} is damaged: {why}. Use another one.")
