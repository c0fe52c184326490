"""The models of this service, as the API tells of them."""

from __future__ import annotations

from collections.abc import Sequence

import anyio

from adapters.web.rest.seams.model_list import ListedEmbedder, ListedModel
from agentcore.loop.window import DEFAULT_WINDOW
from agentcore.model import ModelCatalog
from agentcore.providers import vector_length
from config.settings import Settings


class SettingsModelList:
    """`ModelList`. What is known of a model is read from a large file once: in a thread."""

    def __init__(self, settings: Settings, catalog: ModelCatalog) -> None:
        self._settings = settings
        self._catalog = catalog

    async def models(self) -> Sequence[ListedModel]:
        return await anyio.to_thread.run_sync(
            lambda: [self._model(handle) for handle in self._settings.allowed_models]
        )

    def _model(self, handle: str) -> ListedModel:
        known = self._catalog.ladder(handle)[0].capabilities
        used = self._settings.context_window or DEFAULT_WINDOW
        return ListedModel(
            handle, min(used, known.window), known.window, known.max_output, known.parallel_tools
        )

    async def embedders(self) -> Sequence[ListedEmbedder]:
        handle = self._settings.embedding_model
        if handle is None:
            return ()
        length = await anyio.to_thread.run_sync(vector_length, handle)
        return [ListedEmbedder(handle, length or 0)]
