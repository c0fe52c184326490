"""What was set: models and their keys, the template, settings without an effect."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cli.doctor.finding import Finding
from bot.cli.trying import cost_of, tried, tried_embedder, way_to
from config.reference import PLANNED
from config.settings import OFFLINE, Settings, env_name


def unused(chosen: Settings) -> Iterator[Finding]:
    """Settings that somebody relies on, while nothing comes of them yet."""
    fresh = Settings()
    names = [
        env_name(field)
        for field in sorted(PLANNED)
        if getattr(chosen, field) != getattr(fresh, field)
    ]
    if names:
        yield Finding(
            "settings",
            good=True,
            text=f"set, but not in use yet in this version: {', '.join(names)}",
            fix="They do no harm; don't rely on them.",
        )


def models(chosen: Settings, *, try_them: bool) -> Iterator[Finding]:
    asleep = [chosen.sleep_model] if chosen.sleep_model and chosen.sleep_minutes else []
    in_use = dict.fromkeys((chosen.model, *chosen.fallback_models, *asleep))
    for model in dict.fromkeys((*in_use, *chosen.used_models)):
        if missing := chosen.missing_provider_key(model):
            yield Finding("model", good=False, text=f"{model} has no key", fix=f"Set {missing}.")
        elif model == OFFLINE and chosen.model == OFFLINE:
            yield Finding(
                "model",
                good=True,
                text="offline, the built-in stand-in that follows rules",
                fix="For a real one: familiar init",
            )
        elif model != OFFLINE:
            yield from _real_model(chosen, model, try_it=model in in_use and try_them)


def embedding(chosen: Settings, *, try_it: bool) -> Iterator[Finding]:
    """The model that makes messages findable by their meaning."""
    name = chosen.embedding_model
    if name is None:
        alone = [
            env_name(field)
            for field in ("embedding_base_url", "embedding_api_key", "embedding_price")
            if getattr(chosen, field) is not None
        ]
        if alone:
            yield Finding(
                "embedding",
                good=False,
                text=f"{', '.join(alone)} without a model has no effect",
                fix="Set FAMILIAR_EMBEDDING_MODEL as well, or take it out.",
            )
        return
    if missing := chosen.missing_provider_key(name):
        yield Finding("embedding", good=False, text=f"{name} has no key", fix=f"Set {missing}.")
        return
    result = tried_embedder(chosen) if try_it else None
    if result is None:
        yield Finding("embedding", good=True, text=f"{name} (not tried)")
        return
    for check in result.checks:
        yield Finding("embedding", good=check.good, text=f"{name}: {check.text}", fix=check.fix)
    if result.good:
        yield Finding("embedding", good=True, text=f"{name} was tried. {cost_of(result)}")


def budget(chosen: Settings) -> Iterator[Finding]:
    """Whether the day's budget is enough for a call, and knows what calls cost."""
    if chosen.daily_budget_usd is None:
        return
    from bot.models.allowed import DOLLAR  # noqa: PLC0415
    from bot.models.budgeted import least_cost  # noqa: PLC0415 (imports the engine)
    from bot.models.clients import model_of  # noqa: PLC0415

    names = dict.fromkeys((chosen.model, *chosen.fallback_models))
    ladder = [model_of(name, chosen) for name in names]
    unpriced = [each.name for each in ladder if each.capabilities.price is None]
    if unpriced:
        yield Finding(
            "budget",
            good=True,
            text=f"no price is known for {', '.join(unpriced)}: a call counts as a dear one",
            fix="Set FAMILIAR_MODEL_PRICE, in US dollars per million tokens: read/written.",
        )
    least = least_cost(ladder)
    cap = f"${chosen.daily_budget_usd:,.2f}"
    if least > chosen.daily_budget_usd * DOLLAR:
        yield Finding(
            "budget",
            good=False,
            text=f"{cap} a day is less than one call may cost (${least / DOLLAR:,.2f})",
            fix="Raise FAMILIAR_DAILY_BUDGET_USD, or choose a cheaper FAMILIAR_MODEL.",
        )
    else:
        yield Finding("budget", good=True, text=f"at most {cap} a day for models")


def _real_model(chosen: Settings, model: str, *, try_it: bool) -> Iterator[Finding]:
    from agentcore.errors import BadInput  # noqa: PLC0415 (imports the engine)

    try:
        way = way_to(model, chosen)
    except BadInput as error:
        yield Finding("model", good=False, text=str(error))
        return
    if not try_it:
        yield Finding("model", good=True, text=f"{model}, {way} (not tried)")
        return
    result = tried(chosen, model)
    for check in result.checks:
        yield Finding("model", good=check.good, text=f"{model}: {check.text}", fix=check.fix)
    yield Finding("model", good=True, text=f"{model} was tried, {way}. {cost_of(result)}")


def template(chosen: Settings) -> Iterator[Finding]:
    from bot.offers import template_of  # noqa: PLC0415 (imports the engine)

    found = template_of(chosen)
    yield Finding("template", good=True, text=f"{found.name}, version {found.version}")
