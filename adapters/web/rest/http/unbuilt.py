"""What isn't built, but would be taken for something else: refused, rather than passed over."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, Request

from adapters.web.rest.http.refusals import NotOffered

BATCHES = "jobs and batches; a run in the background is `messages/async`"


def without(*names: str) -> Any:
    """A dependency of routes that know nothing of these query parameters, which would narrow a list."""

    async def refuse(request: Request) -> None:
        for name in names:
            if name in request.query_params:
                raise NotOffered(f"not offered by this server: `{name}`. Leave it out.")

    return Depends(refuse)
