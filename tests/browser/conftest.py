"""A real Chromium, and pages that are watched: what they ask for, and what goes wrong in them."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, ViewportSize, async_playwright

from tests.browser.visitor import Visitor
from tests.end_to_end.home import Home

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

PHONE = ViewportSize(width=360, height=740)
DESKTOP = ViewportSize(width=1280, height=800)

Open = Callable[..., Awaitable[Visitor]]


def found_chromium() -> str | None:
    named = os.environ.get("TEST_CHROMIUM")  # noqa: TID251 (where the tests' own browser is)
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for each file: as long as it is there, so is its loop, and no other may run."""
    path = found_chromium()
    if path is None:
        pytest.skip("these tests need Chromium: apt install chromium, or set TEST_CHROMIUM")
    async with async_playwright() as playwright:
        # Its own sandbox needs rights that a container's root doesn't have.
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def visitor(chromium: Browser, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a page as somebody new. At the end of the test nothing may have gone wrong in any."""
    visitors: list[Visitor] = []

    async def opened(url: str, *, phone: bool = False, faults: bool = False, **how: Any) -> Visitor:
        size = PHONE if phone else DESKTOP
        context = await chromium.new_context(
            viewport=size, has_touch=phone, **{"locale": "en-GB", **how}
        )
        one = Visitor(context, await context.new_page(), faults=faults)
        visitors.append(one)
        await one.open(url)
        return one

    yield opened
    for number, one in enumerate(visitors):
        await one.page.screenshot(path=tmp_path / f"visitor-{number}.png")
        await one.context.close()
    for one in visitors:
        assert one.troubles == []
        assert one.strangers == []


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)
