"""The programs on docs/api.md do what the page says."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import anyio
import pytest

from tests.api_site import api_site

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


async def test_the_programs_run_as_they_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = "".join(re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
    async with api_site(tmp_path) as site:
        made = await site.home.parts.store.tokens.create("reader")
        for printed, real in (("http://localhost:8283", site.url), ("fam_…", made.text)):
            assert printed in program
            program = program.replace(printed, real)
        await anyio.to_thread.run_sync(partial(exec, program, {}))
    assert "Ada" in capsys.readouterr().out
