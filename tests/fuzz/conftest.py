"""How much is tried: little in the suite, much in a campaign.

A campaign: `python -m pytest tests/fuzz -n 0 --hypothesis-profile=long --timeout=0`, with `-k` for a
part of it. It tries fifty times as much, and something else each time; what fails is kept in
`.hypothesis`, and tried first from then on.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("long", settings.get_profile("any host"), max_examples=5_000)

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A failure is told with what was tried, however long that is."""
    for each in items:
        if each.path.is_relative_to(HERE):
            each.add_marker(pytest.mark.filterwarnings("ignore:Generating overly large repr"))
