"""`familiar init`: asks what a service needs to know, tries the model, and writes `.env`.

Everything can be answered by options, by a person at a terminal, or through a pipe.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

import typer

from agentcore.errors import BadInput
from bot.cli import running
from bot.cli.bot_token import DISCORD, TELEGRAM, bot_lines
from bot.cli.choices import ModelChoice, overruled, problems_with, settings_with
from bot.cli.trying import show_probe, tried, way_to
from config.dotenv_file import with_values, write_private
from config.settings import Settings

Access = Literal["open", "pairing", "allowlist"]

NONE = "none"
_MIND = (
    "Others on this machine may see it while the command runs: leave it out to be asked, or pipe "
    "it in."
)
SUGGESTED_BUDGET = "2"
"""US dollars a day: enough for a few people, and no bill that hurts."""


def init(  # noqa: PLR0913 (one for each option)
    *,
    model: Annotated[
        str, typer.Option(help="`offline`, or a litellm name such as openai/gpt-4o-mini.")
    ] = "",
    base_url: Annotated[
        str, typer.Option(help="Address of an OpenAI-compatible server of your own.")
    ] = "",
    api_key: Annotated[str, typer.Option(help=f"The key. {_MIND}")] = "",
    access: Annotated[Access | None, typer.Option(help="Who may talk to it.")] = None,
    budget: Annotated[
        str, typer.Option(help="Most US dollars to spend on models in one day, or `none`.")
    ] = "",
    telegram_token: Annotated[
        str, typer.Option(help=f"The token of a Telegram bot, from @BotFather. {_MIND}")
    ] = "",
    discord_token: Annotated[
        str, typer.Option(help=f"The token of a Discord bot, from the developer portal. {_MIND}")
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: options, what is set, or the defaults.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option(help="Try the model with three short requests, and the bots' tokens."),
    ] = True,
) -> None:
    """Set up a service: choose a model, try it, say who may talk and where, and write it to .env.

    Other lines of .env stay as they are. Nothing is written before all is answered, and with --yes
    nothing if the model or a bot doesn't do.
    """
    present = running.settings()
    given = ModelChoice(model, base_url, api_key)
    chosen = _unasked(given, present, check=check) if yes else _asked(given, present, check=check)
    lines = dict(chosen.lines(present))
    lines["FAMILIAR_ACCESS"] = access or _access(chosen, present, ask=not yes)
    amount = budget or _budget(chosen, present, ask=not yes)
    lines["FAMILIAR_DAILY_BUDGET_USD"] = None if amount == NONE else amount
    for place, token in ((TELEGRAM, telegram_token), (DISCORD, discord_token)):
        lines |= bot_lines(place, token, present, ask=not yes, check=check)
    if problems := problems_with(lines):
        running.fail(*problems, "Nothing was written.")
    _write(lines, ask=not yes)
    _say_what_next(lines)


def _unasked(given: ModelChoice, present: Settings, *, check: bool) -> ModelChoice:
    """The model of the options, or the present one; it must do."""
    chosen = given
    if not chosen.name:
        chosen = replace(given, name=present.model)
    if chosen.name == present.model and not chosen.base_url:
        chosen = replace(chosen, base_url=present.model_base_url or "")
    if chosen.is_offline:
        return ModelChoice(chosen.name)
    if not _usable(chosen, present, check=check):
        running.fail("Nothing was written. --no-check writes it as it is.")
    return chosen


def _asked(given: ModelChoice, present: Settings, *, check: bool) -> ModelChoice:
    """The model that somebody names, until it does or is kept though it doesn't."""
    usual = ModelChoice(present.model, present.model_base_url or "")
    while True:
        chosen = _named(given, usual, present)
        if chosen.is_offline:
            running.say("offline follows rules and needs no key: good enough to try things.")
            return chosen
        if _usable(chosen, present, check=check):
            return chosen
        if not typer.confirm("Correct it?", default=True):
            return chosen
        given, usual = ModelChoice(), replace(chosen, key="")


def _named(given: ModelChoice, usual: ModelChoice, present: Settings) -> ModelChoice:
    name = given.name
    if not name:
        running.say("Which model shall answer? `offline` needs nothing. A real one has the name")
        running.say("that litellm gives it: openai/gpt-4o-mini, anthropic/claude-…, ollama_chat/…")
        name = str(typer.prompt("Model", default=usual.name)).strip()
    place = given.base_url or (usual.base_url if name == usual.name else "")
    chosen = ModelChoice(name, place, given.key)
    if chosen.is_offline:
        return ModelChoice(name)
    if not given.base_url:
        text = "Address of a server of your own (none: its provider's)"
        place = str(typer.prompt(text, default=place or NONE)).strip()
        chosen = replace(chosen, base_url="" if place == NONE else place)
    return chosen if given.key else replace(chosen, key=_asked_key(chosen, present))


def _asked_key(chosen: ModelChoice, present: Settings) -> str:
    lines = chosen.lines(present)
    is_set = not problems_with(lines) and settings_with(lines).api_key(chosen.name) is not None
    text = f"Its key, for {chosen.key_line} (empty: {'the one that is set' if is_set else NONE})"
    # Without a terminal there is nobody to hide it from, and no way to.
    hidden = sys.stdin.isatty()
    return str(typer.prompt(text, default="", hide_input=hidden, show_default=False)).strip()


def _usable(chosen: ModelChoice, present: Settings, *, check: bool) -> bool:
    """Whether the model does, as far as that is to be checked; says what is wrong."""
    lines = chosen.lines(present)
    if problems := problems_with(lines):
        for problem in problems:
            running.say(f"  BAD  {problem}")
        return False
    candidate = settings_with(lines)
    if missing := candidate.missing_provider_key(chosen.name):
        running.say(f"  BAD  {chosen.name} needs a key ({missing}).")
        return False
    if not check:
        return True
    try:
        way = way_to(chosen.name, candidate)
    except BadInput as error:
        running.say(f"  BAD  {error}")
        return False
    running.say(f"Trying {chosen.name} with three short requests, {way} …")
    result = tried(candidate, chosen.name)
    show_probe(result)
    return result.good


def _access(chosen: ModelChoice, present: Settings, *, ask: bool) -> str:
    usual = present.access or ("open" if chosen.is_offline else "pairing")
    if not ask:
        return usual
    running.say("Who may talk to it? open: everyone. pairing: whom you approve. allowlist: only")
    running.say("those you name. You, in this terminal, always may.")
    while True:
        wanted = str(typer.prompt("Access", default=usual)).strip()
        if wanted in {"open", "pairing", "allowlist"}:
            return wanted
        running.say("Write open, pairing or allowlist.")


def _budget(chosen: ModelChoice, present: Settings, *, ask: bool) -> str:
    """A number of dollars, or none. For what may cost money, there is a limit unless somebody
    says that there shall be none.
    """
    if present.daily_budget_usd is not None:
        usual = str(present.daily_budget_usd)
    else:
        usual = NONE if chosen.is_offline or chosen.base_url else SUGGESTED_BUDGET
    if chosen.is_offline or not ask:
        return usual
    running.say("A daily budget keeps you from surprises: once it is spent, no model is asked")
    running.say("until the next day.")
    while True:
        amount = str(typer.prompt("Most US dollars a day (none: no limit)", default=usual)).strip()
        if amount == NONE or not problems_with({"FAMILIAR_DAILY_BUDGET_USD": amount}):
            return amount
        running.say("Write a number such as 2 or 0.50, or none.")


def _write(lines: Mapping[str, str | None], *, ask: bool) -> None:
    place = running.DOTENV
    try:
        text = place.read_text("utf-8") if place.exists() else ""
        changed = [name for name in lines if with_values(text, {name: lines[name]}) != text]
        if not changed:
            running.say(f"{place} says all that already.")
            return
        names = ", ".join(changed)
        if text and ask and not typer.confirm(f"Change {names} in {place}?", default=True):
            running.fail("Nothing was written.")
        write_private(place, with_values(text, lines))
    except OSError as error:
        running.fail(f"{place} can't be written: {running.sentence_of(error)}")
    running.say(f"Written to {place}, for your eyes only: {names}.")
    for name in overruled(lines):
        running.say(f"Mind: {name} is set in the environment as well, and that wins.")


def _say_what_next(lines: Mapping[str, str | None]) -> None:
    running.say("\nNext:")
    running.say("  familiar serve             starts it; Ctrl-C stops it")
    running.say("  familiar chat --user you   talks to it, from another terminal")
    running.say("  familiar doctor            says what is wrong, if anything is")
    if lines["FAMILIAR_ACCESS"] != "open":
        running.say("  familiar users list        shows who waits to be let in")
