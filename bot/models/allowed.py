"""The models that this service may use, made from settings: each behind a breaker of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentcore.clock import Clock
from agentcore.errors import BadInput, NotFound
from agentcore.model import Breaker, Model, ModelCatalog
from agentcore.store.spending import Spending
from bot.measures import Measures
from bot.models.budgeted import Budget, PaidModels
from bot.models.clients import model_of
from bot.models.measured import MeasuredModel
from config.settings import Settings

DOLLAR = 1_000_000
SPARE = 5
"""What runs in the background leaves the last fifth of a day's budget to people who wait."""


class ModelDirectory:
    """`ModelCatalog`: an allow-list of models, and the fallbacks that every one of them has."""

    def __init__(
        self, models: Mapping[str, Model], *, default: str, fallbacks: Sequence[str]
    ) -> None:
        self._models = models
        self._default = default
        self._fallbacks = fallbacks

    def ladder(self, name: str | None) -> Sequence[Model]:
        """See `ModelCatalog.ladder`."""
        wanted = name or self._default
        if wanted not in self._models:
            allowed = ", ".join(self._models)
            msg = f"The model {wanted} is not allowed here. These are: {allowed} (FAMILIAR_MODELS)."
            raise NotFound(msg)
        names = dict.fromkeys([wanted, *self._fallbacks])
        return [self._models[each] for each in names]


def model_directory(settings: Settings, clock: Clock, measures: Measures) -> ModelDirectory:
    """The models that the settings name. Imports no provider's library yet.

    What the breaker refuses is no call, so the calls are measured inside it.
    """
    models: dict[str, Model] = {
        name: Breaker(MeasuredModel(model_of(name, settings), measures, clock), clock)
        for name in settings.used_models
    }
    return ModelDirectory(models, default=settings.model, fallbacks=settings.fallback_models)


def in_background(models: ModelCatalog, settings: Settings, spending: Spending) -> ModelCatalog:
    """The models for work that nobody waits for, paid from the day's budget if there is one."""
    if settings.daily_budget_usd is None:
        return models
    cap = int(settings.daily_budget_usd * DOLLAR)
    return PaidModels(models, Budget(background_cap(cap), spending))


def background_cap(cap: int) -> int:
    """How much of a day's budget may be gone so that work in the background still begins."""
    return cap - cap // SPARE


def within_budget(
    models: ModelCatalog, settings: Settings, spending: Spending
) -> tuple[ModelCatalog, int | None]:
    """The models, paid from the day's budget if there is one; and how much may be gone of it, in
    millionths of a dollar, for messages to be let in still (None: any).
    """
    if settings.daily_budget_usd is None:
        return models, None
    budget = Budget(int(settings.daily_budget_usd * DOLLAR), spending)
    return PaidModels(models, budget), budget.most_before_a_call(models.ladder(None))


def require_keys(settings: Settings) -> None:
    """See that every model has its key: without one, nobody would get an answer.

    Raises:
        BadInput: with the variable to set, for each model that lacks its key.
    """
    names = (*settings.used_models, *filter(None, [settings.embedding_model]))
    missing = {name: settings.missing_provider_key(name) for name in names}
    if wanting := [f"{name} needs {key}" for name, key in missing.items() if key is not None]:
        msg = (
            f"No key for a model: {'; '.join(wanting)}. Set it in the environment or in .env, "
            "or choose other models (FAMILIAR_MODEL, FAMILIAR_FALLBACK_MODELS, FAMILIAR_MODELS, "
            "FAMILIAR_EMBEDDING_MODEL)."
        )
        raise BadInput(msg)
