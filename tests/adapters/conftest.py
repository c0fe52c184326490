from __future__ import annotations

import pytest

from tests.simulators.timeline import SteppedTimeline


@pytest.fixture
def time() -> SteppedTimeline:
    """Stands still until a test lets it go on."""
    return SteppedTimeline()
