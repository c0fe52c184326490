"""The REST API over the parts of a service."""

from __future__ import annotations

from adapters.web.rest.app import ApiRoute, rest_api
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.offers import ApiOffers
from bot.api.admittance import TokenAdmittance
from bot.api.contexts import PromptContexts
from bot.api.identity_keys import PlatformKeys
from bot.api.models import SettingsModelList
from bot.api.rates import Rates
from bot.app import Parts


def api_route(parts: Parts) -> ApiRoute:
    """All of the API, as one route of the service's port."""
    settings = parts.settings
    token = None if settings.api_token is None else settings.api_token.get_secret_value()
    rates = Rates(settings.api_rate, parts.clock)
    admittance = TokenAdmittance(token, parts.store.tokens, rates, open_here=settings.api_open)
    return rest_api(
        Backend(
            store=parts.store,
            admittance=admittance,
            clock=parts.clock,
            offers=_offers(parts),
            models=SettingsModelList(settings, parts.catalog),
            desk=parts.desk,
            identity_keys=PlatformKeys(parts.adapters),
            code=parts.code,
            newsroom=parts.outside.newsroom,
            outside=parts.outside.egress,
            contexts=PromptContexts(
                parts.store, parts.toolbox, parts.clock, settings.context_window
            ),
        )
    )


def _offers(parts: Parts) -> ApiOffers:
    offers = parts.offers
    return ApiOffers(
        models=offers.models,
        model=offers.model,
        tools=parts.toolbox.schemas(parts.toolbox.names),
        templates=offers.templates,
        zone=offers.zone.key,
        window=parts.settings.context_window,
    )
