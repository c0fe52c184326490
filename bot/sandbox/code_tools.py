"""Whether this service runs tools whose source came over the API, and in what."""

from __future__ import annotations

from agentcore.tools.code import CodeRunner, NoCode
from bot.sandbox import IsolatedRunner, enclosures
from config.settings import Settings

OFF = (
    "This service runs no tools that bring their own code. Its operator allows them with "
    "FAMILIAR_ALLOW_CODE_TOOLS=1; docs/tools.md says what that means."
)


def code_runner(settings: Settings) -> CodeRunner:
    """What runs custom tools, as the settings have it. Nothing is tried out yet."""
    return IsolatedRunner(enclosures()) if settings.allow_code_tools else NoCode(OFF)
