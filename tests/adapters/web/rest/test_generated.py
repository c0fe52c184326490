"""Whatever the description allows, and whatever it doesn't: nothing ends in an error of ours, and all that
is answered looks as the description says.
"""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_no_request_ends_in_an_error_of_ours(tmp_path: Path, mode: str) -> None:
    # Here, because each process that runs any test would load it: a second.
    from schemathesis.generation import GenerationMode  # noqa: PLC0415

    from tests.adapters.web.rest.generated import try_all  # noqa: PLC0415

    try_all(tmp_path, GenerationMode(mode))
