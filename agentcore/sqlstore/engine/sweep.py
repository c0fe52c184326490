"""The unused space of a SQLite file: what is left there, and zeros in its place.

`secure_delete` overwrites what is deleted. But when SQLite moves rows from one page to another,
it leaves their old bytes in the gap of the page that they came from, and nothing of SQLite's
clears those but rewriting the whole file. So this reads the pages itself, by the published file
format (sqlite.org/fileformat2.html), and overwrites gaps and free blocks: bytes that hold no
row, and that SQLite never reads.

It is a program of its own, run in a process of its own and importing nothing of ours: a process
that opens and closes a SQLite file beside SQLite loses SQLite's locks on it.

    sweep.py look FILE < needles, in hex, as JSON      {"pages": […], "found": n}
    sweep.py overwrite FILE < pages as JSON   {"overwritten": n}

`overwrite` must be run while somebody holds the write lock and the log is empty: only then is
the file the newest state, and nobody writes to it.
"""

import json
import mmap
import os
import sys
from collections.abc import Iterator
from pathlib import Path

SIGNATURE = b"SQLite format 3\0"
FILE_HEADER = 100
INTERIOR, LEAF = {2, 5}, {10, 13}
"""Page types of b-trees. Other pages begin with the number of a page, whose first byte is one of
these only in files of more than a hundred gigabytes."""
MOST_PAGES = 2 << 24
SHORTEST_REMAINS = 4


class NotADatabase(Exception):
    """The file isn't one that can be swept."""


def page_size(header: bytes) -> tuple[int, int]:
    """The size of a page, and how much of it SQLite uses.

    Raises:
        NotADatabase: it isn't SQLite's.
    """
    if header[: len(SIGNATURE)] != SIGNATURE:
        raise NotADatabase
    size = int.from_bytes(header[16:18], "big")
    size = 65_536 if size == 1 else size
    return size, size - header[20]


def unused(page: bytes, *, first: bool, usable: int) -> Iterator[tuple[int, int]]:
    """Where a page of a b-tree has bytes that hold nothing: from, to."""
    at = FILE_HEADER if first else 0
    kind = page[at]
    if kind not in INTERIOR | LEAF:
        return
    cells = int.from_bytes(page[at + 3 : at + 5], "big")
    content = int.from_bytes(page[at + 5 : at + 7], "big") or 65_536
    gap = at + (12 if kind in INTERIOR else 8) + 2 * cells
    if gap > content or content > usable:
        return  # not what it looks like: leave it alone
    yield gap, content
    block = int.from_bytes(page[at + 1 : at + 3], "big")
    while block:
        following = int.from_bytes(page[block : block + 2], "big")
        size = int.from_bytes(page[block + 2 : block + 4], "big")
        if block < content or size < 4 or block + size > usable or 0 < following <= block:
            return
        yield block + 4, block + size
        block = following


def remains(page: bytes, *, first: bool, usable: int) -> list[tuple[int, int]]:
    """Unused parts of a page that aren't all zeros."""
    return [
        (start, end)
        for start, end in unused(page, first=first, usable=usable)
        if len(page[start:end].strip(b"\0")) >= SHORTEST_REMAINS
    ]


def look(path: Path, needles: list[bytes]) -> tuple[list[int], int]:
    """Pages with remains, counted from 0, and how many needles are in the file or its logs."""
    with path.open("rb") as file:
        size, usable = page_size(file.read(FILE_HEADER))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            count = len(data) // size
            pages = [
                number
                for number in range(count if count < MOST_PAGES else 0)
                if remains(
                    data[number * size : (number + 1) * size], first=not number, usable=usable
                )
            ]
            found = {needle for needle in needles if data.find(needle) >= 0}
    for end in ("-wal", "-journal"):
        log = path.with_name(path.name + end)
        if needles and log.exists():
            text = log.read_bytes()
            found |= {needle for needle in needles if needle in text}
    return pages, len(found)


def overwrite(path: Path, numbers: list[int]) -> int:
    """Put zeros into the unused parts of these pages. Returns how many pages had remains."""
    done = 0
    with path.open("r+b", buffering=0) as file:
        size, usable = page_size(file.read(FILE_HEADER))
        for number in numbers:
            page = os.pread(file.fileno(), size, number * size)
            if len(page) < size:
                continue  # the file has become shorter
            parts = remains(page, first=not number, usable=usable)
            for start, end in parts:
                os.pwrite(file.fileno(), bytes(end - start), number * size + start)
            done += bool(parts)
        os.fsync(file.fileno())
    return done


def main() -> None:
    """Carry out what the arguments say."""
    what, path, given = sys.argv[1], Path(sys.argv[2]), json.load(sys.stdin)
    if what == "look":
        pages, found = look(path, [bytes.fromhex(each) for each in given])
        result: dict[str, object] = {"pages": pages, "found": found}
    else:
        result = {"overwritten": overwrite(path, given)}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
