"""Which agents, and which of their tags, a client asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from adapters.web.rest.http.fields import Filters, Word, Words, kept_as
from adapters.web.rest.http.ids import checked_cursor, pattern
from adapters.web.rest.http.paging import MOST, Page
from adapters.web.rest.seams.identity_keys import IdentityKeys
from agentcore.records import AgentId, AgentQuery, BlockId, IdentityId, StopReason

OrderBy = Literal["created_at", "updated_at", "last_run_completion"]


class AgentFilters(Filters):
    """`include`: see the route of a single agent. The older names of the order are understood."""

    name: Word | None = None
    query_text: Word | None = None
    tags: Words | None = None
    match_all_tags: bool = False
    identity_id: Annotated[str, Field(pattern=pattern("identity"))] | None = None
    identifier_keys: Words | None = None
    include: Words | None = None
    order_by: OrderBy = "created_at"
    sort_by: OrderBy | None = None
    ascending: bool | None = None
    show_hidden_agents: bool = False
    last_stop_reason: StopReason | None = None
    project_id: Word | None = None
    template_id: Word | None = None
    base_template_id: Word | None = None

    def query(
        self,
        page: Page,
        keys: IdentityKeys,
        *,
        only: AgentId | None = None,
        block: BlockId | None = None,
    ) -> AgentQuery:
        """Raises Invalid: a cursor of the wrong form."""
        return AgentQuery(
            limit=page.limit,
            before=checked_cursor(page.before, AgentId, "agent"),
            after=checked_cursor(page.after, AgentId, "agent"),
            ascending=page.ascending if self.ascending is None else self.ascending,
            by=self.sort_by or self.order_by,
            name=self.name,
            text=self.query_text,
            tags=tuple(self.tags or ()),
            all_tags=self.match_all_tags,
            identity=None if self.identity_id is None else IdentityId(self.identity_id),
            keys=tuple(keys.read(each) for each in self.identifier_keys or ()),
            ended=self.last_stop_reason,
            extras=kept_as(self, "project_id", "template_id", "base_template_id"),
            block=block,
            only=only,
            with_hidden=self.show_hidden_agents,
        )


class TagFilters(Filters):
    """`before` and `after` are tags, in the direction of the order."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = 50
    before: Word | None = None
    after: Word | None = None
    name: Word | None = None
    query_text: Word | None = None
    order: Literal["asc", "desc"] = "asc"

    def page(self, tags: Sequence[str]) -> Sequence[str]:
        """Of all tags, those that are asked for."""
        text = (self.name or self.query_text or "").lower()
        found = sorted((tag for tag in tags if text in tag.lower()), reverse=self.order == "desc")
        first, last = (self.after, self.before)
        if self.order == "desc":
            first, last = last, first
        found = [
            tag for tag in found if (first is None or tag > first) and (last is None or tag < last)
        ]
        backwards = self.before is not None and self.after is None
        return found[-self.limit :] if backwards else found[: self.limit]
