from __future__ import annotations

from adapters.push.latest import Latest


def test_the_entry_goes_that_was_put_the_longest_ago() -> None:
    latest: Latest[str, int] = Latest(2)
    for number, key in enumerate("abac"):
        latest[key] = number

    assert list(latest.items()) == [("a", 2), ("c", 3)]
