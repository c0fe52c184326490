"""The composition root: every concrete object is made here, and nowhere else.

`opened(settings)` yields the parts of a service over an open, current database; `serving` runs
them. The command line uses the same parts without HTTP when no service is running.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import anyio
import structlog

from adapters.base import Adapter, AdapterContext, Inbound
from agentcore.clock import HOUR, MINUTE, Clock, Micros, SystemClock
from agentcore.core import AgentCore, Bedroom, Sleeper, Workshop
from agentcore.model import Embedder, Model, ModelCatalog
from agentcore.records import Admission, Agent, AgentSeed, ConsentTerms
from agentcore.sqlstore.engine.schema import require_current, sqlite_state, upgrade_sqlite
from agentcore.sqlstore.engine.sqlite import SqliteDatabase
from agentcore.sqlstore.service.spending import SqlSpending
from agentcore.sqlstore.stores import SqlStore
from agentcore.store import Store
from agentcore.store.spending import Spending
from agentcore.templates import Template
from agentcore.tools.base import Tool
from agentcore.tools.code import CodeRunner
from agentcore.tools.code_tools import CustomToolShelf
from agentcore.tools.toolbox import Toolbox, default_tools, tools_on_request, usual
from bot.api.runs import StoredRuns
from bot.chat.events import StoredChatEvents
from bot.chat.forms import StoredForms
from bot.chat.gateway import AdmissionFor, Gateway, Policy
from bot.chat.wording import CatalogueWording
from bot.commands import CommandRunner
from bot.commands.choices import on_offer
from bot.egress import Egress, HttpEgress
from bot.host.places import EXPORTS, prepare_folder, sqlite_path
from bot.measures import Measures, NoMeasures
from bot.models.allowed import in_background, model_directory, require_keys, within_budget
from bot.models.clients import require_clients
from bot.models.embedders import MeasuredEmbedder, embedder_of, paid
from bot.offers import Offers, offers_of
from bot.people.deletions import Deletions
from bot.people.exports import Exports, Means
from bot.people.linking import Linking, Matching
from bot.platforms.composing import PlatformComposer
from bot.platforms.loading import installed_adapters
from bot.platforms.previews import Previews
from bot.platforms.state import StoredState
from bot.platforms.typing_signs import TypingSigns
from bot.sandbox.code_tools import code_runner
from bot.waking.hints import Hints
from bot.webhooks.outside import OutsideParts, outside_parts
from bot.wording.consent import consent_terms
from bot.workers.dispatcher import Crew, Dispatcher, DispatchLimits
from bot.workers.embedding import Embedding
from bot.workers.sender import Couriers, Sender
from bot.workers.sleeping import SleepTime, model_for
from bot.workers.upkeep import Upkeep
from config.settings import Settings

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service consists of."""

    settings: Settings
    clock: Clock
    hints: Hints
    store: Store
    gateway: Gateway
    desk: StoredRuns
    dispatcher: Dispatcher
    sender: Sender
    upkeep: Upkeep
    sleep: SleepTime
    linking: Linking
    exports: Exports
    embedding: Embedding | None
    catalog: ModelCatalog
    adapters: Mapping[str, Adapter]
    offers: Offers
    toolbox: Toolbox
    code: CodeRunner
    outside: OutsideParts


@asynccontextmanager
async def opened_store(
    path: Path,
    clock: Clock,
    *,
    upgrade: bool,
    quiet: Micros | None = None,
    embedding: Callable[[Spending], Embedder | None] = lambda _spending: None,
) -> AsyncIterator[Store]:
    """The store over a SQLite file, whose schema is current or brought up to date. `quiet`: see
    `SqlStore`; `embedding`: what embeds queries, paid from the budget that stands in this store.

    Raises:
        SchemaMismatch: the file is newer than this program, not ours, or (without `upgrade`) old.
        StoreError: it can't be read.
    """
    if upgrade:
        copy = await anyio.to_thread.run_sync(upgrade_sqlite, path)
        if copy is not None:
            _log.info("database upgraded", copy=str(copy))
    else:
        require_current(await anyio.to_thread.run_sync(sqlite_state, path))
    database = SqliteDatabase(path)
    embedder = embedding(SqlSpending(database, clock))
    store = SqlStore(database, clock, quiet=quiet, embedder=embedder)
    try:
        yield store
    finally:
        with anyio.CancelScope(shield=True):
            await store.close()


@dataclass(frozen=True, slots=True)
class Replacements:
    """What a test or a benchmark puts in the place of the real thing."""

    clock: Clock = field(default_factory=SystemClock)
    limits: DispatchLimits = field(default_factory=lambda: DispatchLimits(look_again=30))
    models: ModelCatalog | None = None
    embedder: Embedder | None = None
    egress: Egress | None = None
    adapters: Callable[[AdapterContext], Sequence[Adapter]] = lambda _context: ()
    tools: Sequence[Tool] = ()
    code: CodeRunner | None = None
    terms: Callable[[Settings], ConsentTerms | None] = consent_terms


@asynccontextmanager
async def opened(
    settings: Settings,
    replacements: Replacements | None = None,
    *,
    measures: Measures | None = None,
) -> AsyncIterator[Parts]:
    """The parts of a service over its open database. Nothing runs yet.

    The caller holds the database's lock: whoever had a lease before is dead, and nobody waits
    for it to run out. `measures`: where the figures go, if anybody is to read them.

    Raises:
        BadInput, StoreError: what stands in the way, and what to do about it.
    """
    real = replacements or Replacements()
    path = sqlite_path(settings)
    prepare_folder(path)
    tools = [*default_tools(), *tools_on_request(), *real.tools]
    offers = offers_of(settings, [tool.schema.name for tool in tools])
    if real.models is None:
        require_keys(settings)
        require_clients(settings)
    measures = measures or NoMeasures()
    embedder = real.embedder or embedder_of(settings)
    if embedder is not None:
        embedder = MeasuredEmbedder(embedder, measures, real.clock)

    def for_queries(spending: Spending) -> Embedder | None:
        return embedder and paid(embedder, settings, spending, background=False)

    async with opened_store(
        path, real.clock, upgrade=True, quiet=_quiet(settings), embedding=for_queries
    ) as store:
        if left := await store.release_all_leases():
            _log.info("picking up what an earlier process left", agents=left)
        yield _assembled(settings, store, offers, replace(real, embedder=embedder), measures)


def _assembled(
    settings: Settings, store: Store, offers: Offers, real: Replacements, measures: Measures
) -> Parts:
    clock, hints = real.clock, Hints()
    # Filled below: adapters need the gateway, and the gateway needs to know them.
    adapters: dict[str, Adapter] = {}
    composer = PlatformComposer(adapters)
    toolbox = Toolbox([*default_tools(), *tools_on_request(), *real.tools])
    seed = _seed_from(offers.templates[settings.template], toolbox)
    deletions = Deletions(store, composer, hints, clock, offers, settings.data_dir)
    exports = Exports(store, composer, hints, clock, _means(settings, toolbox, offers))
    catalog = real.models or model_directory(settings, clock, measures)
    models, max_spend = within_budget(catalog, settings, store.spending)
    terms = real.terms(settings)
    admission = _admission_for(settings, terms, max_spend)
    asleep = model_for(in_background(catalog, settings, store.spending), settings)
    linking = Linking(store, composer, hints, clock, Matching(asleep, offers.zone, terms))
    policy = Policy(admission, seed, offers, deletions, exports, linking, settings.groups)
    gateway = Gateway(store, policy, composer, adapters, hints, clock)
    events = StoredChatEvents(store, composer, hints, clock, settings.groups)
    wording = CatalogueWording(settings.groups, on_offer(offers))
    adapters.update(_made(settings, store, (gateway, events, wording), real))
    code, signs = real.code or code_runner(settings), TypingSigns(adapters)
    shelf = CustomToolShelf(store.custom_tools, code)
    shop = Workshop(models, toolbox, clock, offers.zone, settings.context_window, shelf)
    core, runner = AgentCore(store, shop), CommandRunner(store, offers, composer, clock)
    crew = Crew(core, runner, composer, signs, Previews(adapters), measures)
    holder, again = secrets.token_hex(8), real.limits.look_again
    couriers = Couriers(adapters, measures, signs)
    return Parts(
        settings=settings,
        clock=clock,
        hints=hints,
        store=store,
        gateway=gateway,
        desk=StoredRuns(store, hints, clock, Admission(max_spend=max_spend)),
        dispatcher=Dispatcher(holder, store, crew, hints, clock, real.limits),
        sender=Sender(holder, store, couriers, hints, clock, look_again=again),
        upkeep=Upkeep(store, composer, hints, clock, deletions),
        embedding=_embedding(settings, real, store, hints, terms),
        sleep=_sleep_time(settings, asleep, store, hints, clock, terms),
        linking=linking,
        exports=exports,
        catalog=models,
        adapters=adapters,
        offers=offers,
        toolbox=toolbox,
        code=code,
        outside=_outside(settings, store, hints, real),
    )


def _outside(settings: Settings, store: Store, hints: Hints, real: Replacements) -> OutsideParts:
    egress = real.egress or HttpEgress(settings.egress_allow)
    return outside_parts(settings, store, hints, real.clock, egress, real.limits.retry_first)


def _means(settings: Settings, toolbox: Toolbox, offers: Offers) -> Means:
    tools = {tool.name: tool for tool in toolbox.schemas(toolbox.names)}
    return Means(tools, offers.model, settings.data_dir / EXPORTS)


def _made(
    settings: Settings,
    store: Store,
    seams: tuple[Gateway, StoredChatEvents, CatalogueWording],
    real: Replacements,
) -> Mapping[str, Adapter]:
    """The adapters of this service, by name."""
    service, events, wording = seams
    context = AdapterContext(
        service,
        events,
        wording,
        StoredForms(store),
        lambda name: StoredState(store, name),
    )
    made = [*installed_adapters(settings, context), *real.adapters(context)]
    return {adapter.name: adapter for adapter in made}


def _embedding(
    settings: Settings,
    real: Replacements,
    store: Store,
    hints: Hints,
    terms: ConsentTerms | None,
) -> Embedding | None:
    if real.embedder is None:
        return None
    embedder = paid(real.embedder, settings, store.spending, background=True)
    return Embedding(store.vectors, embedder, hints.spoken, real.clock, terms)


def _sleep_time(
    settings: Settings,
    model_of: Callable[[Agent], Model],
    store: Store,
    hints: Hints,
    clock: Clock,
    terms: ConsentTerms | None,
) -> SleepTime:
    sleeper = Sleeper(
        Bedroom(
            model_of,
            clock,
            ZoneInfo(settings.time_zone),
            _quiet(settings) or Micros(HOUR),
            terms,
            settings.context_window,
        )
    )
    return SleepTime(store, sleeper, hints, clock, on=_quiet(settings) is not None)


def _quiet(settings: Settings) -> Micros | None:
    """After how long without a message an agent's memory is put in order; None: never."""
    return Micros(settings.sleep_minutes * MINUTE) if settings.sleep_minutes else None


def _seed_from(template: Template, toolbox: Toolbox) -> Callable[[], AgentSeed]:
    def seed() -> AgentSeed:
        return template.seed("user", tools=usual(toolbox.names))

    return seed


def _admission_for(
    settings: Settings, terms: ConsentTerms | None, max_spend: int | None
) -> AdmissionFor:
    """Strangers are let in where access is open. The terminal is this machine's own, and so is
    the page over loopback; elsewhere, whoever reaches the page was invited unless it is open.
    """
    invited = settings.loopback or not settings.web_open

    def admission(inbound: Inbound) -> Admission:
        platform = inbound.address.platform
        trusted = platform == "terminal" or (platform == "web" and invited)
        admitted = trusted or settings.access_mode == "open"
        return Admission(
            new_user_access="admitted" if admitted else "pending",
            pairing=settings.access_mode == "pairing",
            terms=terms,
            max_per_day=settings.daily_messages_per_user,
            max_spend=max_spend,
            groups_off=settings.groups == "off",
        )

    return admission
