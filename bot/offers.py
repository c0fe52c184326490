"""What this service lets people choose from: templates, models, and what it says of its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from agentcore.errors import BadInput
from agentcore.templates import Template, load_templates
from agentcore.tools.toolbox import default_tools, tools_on_request
from bot.wording.consent import consent_terms
from bot.wording.names import provider_of, search_provider_of
from config.settings import OFFLINE, Settings

BUNDLED_TEMPLATES = Path(__file__).parent.parent / "config" / "templates"


@dataclass(frozen=True, slots=True)
class Offers:
    """`tools` are the names of all there are; `model` is used by agents that have none of their
    own, `fallbacks` are asked when one fails, and `providers` read what they are sent; `search`
    reads every message, to make it findable (None: nobody); `zone` serves people who named none. Caps count UTC
    days; the budget, in US dollars, is everybody's together. After `sleep_minutes` without a message (0:
    never) an agent's memory is put in order, by `sleep_model` if there is one.
    """

    templates: Mapping[str, Template]
    tools: Sequence[str]
    models: Sequence[str]
    providers: Sequence[str]
    search: str | None
    terms_version: str
    model: str
    fallbacks: Sequence[str]
    zone: ZoneInfo
    daily_messages: int
    daily_budget: Decimal | None
    sleep_minutes: int
    sleep_model: str | None


def offers_of(settings: Settings, tools: Sequence[str]) -> Offers:
    """What the settings allow; of the templates, those whose tools there are.

    Raises:
        TemplateInvalid, BadInput: see `template_of`.
    """
    templates = templates_of(settings)
    template_of(settings, templates)
    return Offers(
        templates={name: each for name, each in templates.items() if not each.unknown_tools(tools)},
        tools=tools,
        models=settings.allowed_models,
        providers=[
            provider_of(each, settings)
            for each in (*settings.used_models, *filter(None, [settings.embedding_model]))
            if each != OFFLINE
        ],
        search=search_provider_of(settings),
        terms_version=consent_terms(settings).version,
        model=settings.model,
        fallbacks=settings.fallback_models,
        zone=ZoneInfo(settings.time_zone),
        daily_messages=settings.daily_messages_per_user,
        daily_budget=settings.daily_budget_usd,
        sleep_minutes=settings.sleep_minutes,
        sleep_model=settings.sleep_model if settings.sleep_minutes else None,
    )


def templates_of(settings: Settings) -> Mapping[str, Template]:
    """All templates by name, the bundled ones and the operator's own.

    Raises:
        TemplateInvalid: a template file is no good.
    """
    folders = [BUNDLED_TEMPLATES]
    if settings.templates_dir is not None:
        folders.append(settings.templates_dir)
    return load_templates(folders)


def template_of(settings: Settings, templates: Mapping[str, Template] | None = None) -> Template:
    """The template that new agents are made from.

    Raises:
        TemplateInvalid: a template file is no good.
        BadInput: there is none of that name, or it wants tools that this service doesn't have.
    """
    known = templates_of(settings) if templates is None else templates
    template = known.get(settings.template)
    if template is None:
        names = ", ".join(sorted(known))
        msg = f"There is no template {settings.template!r} (FAMILIAR_TEMPLATE). There are: {names}."
        raise BadInput(msg)
    there = [tool.schema.name for tool in (*default_tools(), *tools_on_request())]
    if unknown := template.unknown_tools(there):
        msg = f"The template {template.name!r} wants tools that don't exist: {', '.join(unknown)}."
        raise BadInput(msg)
    return template
