"""What a service asks of the machine when it starts."""

from __future__ import annotations

import resource

from bot.serving import MANY_FILES, allow_many_files


def test_as_many_files_may_be_open_as_the_machine_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        allow_many_files()
        now, still = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert now == (MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES))
    assert still == hard
