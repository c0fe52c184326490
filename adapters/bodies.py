"""Reading what somebody posts, and no more of it than is allowed."""

from __future__ import annotations

from collections.abc import AsyncIterable


class TooLarge(Exception):
    """A body of more bytes than are taken."""


async def read_body(
    blocks: AsyncIterable[bytes], most: int, *, declared: str | None = None
) -> bytes:
    """A body as it comes in. `declared` is its `Content-Length`, if it has one.

    Raises:
        TooLarge: as soon as it is known to have more than `most` bytes.
    """
    if declared is not None and declared.isdecimal() and int(declared) > most:
        raise TooLarge
    body = bytearray()
    async for block in blocks:
        body += block
        if len(body) > most:
            raise TooLarge
    return bytes(body)
