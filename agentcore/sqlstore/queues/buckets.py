"""The shard key kept on the hot tables: claiming can run per range of buckets, and a later split
by agent needs no rewrite.
"""

from __future__ import annotations

import zlib

BUCKETS = 4096


def bucket_of(key: str) -> int:
    """The bucket, 0 to 4095, of an agent id or an address; the same for ever."""
    return zlib.crc32(key.encode()) % BUCKETS
