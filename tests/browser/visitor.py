"""Somebody at the page, who uses it by what it shows: roles, names and texts."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

PATIENCE = 60_000
"""Milliseconds after which what is waited for has failed the test."""

LOST = re.compile(r"net::ERR_(CONNECTION|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|NETWORK)")
"""What the browser itself says when a service goes away, as it does at the end of every test."""

expect.set_options(timeout=PATIENCE)


class Visitor:
    """A browser profile with one page. `faults`: the service is going to refuse something, and the
    browser will say so.

    `troubles` holds scripts' errors, violations of the page's policy and dialogs; `strangers` every
    address that isn't the page's own and was asked for something.
    """

    def __init__(self, context: BrowserContext, page: Page, *, faults: bool = False) -> None:
        self.context = context
        self.page = page
        self.troubles: list[str] = []
        self.strangers: list[str] = []
        self._faults = faults
        self._own = ""
        self.watch(page)

    def watch(self, page: Page) -> None:
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}"))

    async def open(self, url: str) -> None:
        self._own = urlsplit(url).netloc
        await self.page.goto(url)

    async def say(self, text: str) -> None:
        await self.field.fill(text)
        await self.page.get_by_role("button", name="Send", exact=True).click()

    @property
    def field(self) -> Locator:
        return self.page.locator("#composer-text")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def memory(self) -> Locator:
        return self.page.get_by_role("complementary")

    def about_me(self) -> Locator:
        """The lines of the block about the visitor."""
        return self.memory.locator('[data-block="human"] li')

    async def hears(self, text: str) -> None:
        """Wait for a final message with this text."""
        await expect(self.log.get_by_text(text).last).to_be_visible()

    async def messages(self) -> list[str]:
        """All final messages, in order."""
        return await self.log.locator(".message .body").all_inner_texts()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            refused = "the server responded with a status of 4" in message.text
            if not (LOST.search(message.text) or (self._faults and refused)):
                self.troubles.append(message.text)

    def _request(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme not in {"data", "blob"} and where.netloc != self._own:
            self.strangers.append(request.url)
