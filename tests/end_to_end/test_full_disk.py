"""A disk that is full: said clearly, nothing lost, and all well again once there is room.

A limit on the size of files stands in for it: it fails the same writes, for root as well, and can
be lifted while the service runs.
"""

from __future__ import annotations

import resource

from tests.end_to_end.home import Home, Serving


def full(service: Serving, *, yes: bool) -> None:
    unlimited = resource.RLIM_INFINITY
    limits = (4_096 if yes else unlimited, unlimited)
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_said_and_nothing_is_lost(home: Home) -> None:
    with home.serving() as service:
        assert home.chat("My name is Ada and I live in Lisbon.").code == 0
        full(service, yes=True)
        refused = home.chat("I work as a baker.")
        full(service, yes=False)
        again = home.chat("Where do I live?", "I work as a baker.", "What is my job?")
        assert service.stop() == 0

    assert refused.code == 1
    assert refused.out == ""
    assert "was not sent" in refused.err
    assert "full" in refused.err
    assert again.code == 0
    assert "Lisbon" in again.out
    assert "baker" in again.out
