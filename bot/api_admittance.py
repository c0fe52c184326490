"""Who may use the API: whoever shows the operator's token; on this machine alone, everybody."""

from __future__ import annotations

import secrets

from adapters.web.rest.callers import Caller, Unauthorized

OPERATOR = Caller("operator")


class TokenAdmittance:
    """`Admittance` by the operator's token. None: it takes none, which is for loopback alone."""

    def __init__(self, token: str | None) -> None:
        self._token = None if token is None else token.encode()

    async def admit(self, token: str | None) -> Caller:
        """See `Admittance.admit`."""
        if self._token is None:
            return OPERATOR
        if token is None or not secrets.compare_digest(token.encode(), self._token):
            raise Unauthorized("It takes a token: send `Authorization: Bearer …`.")
        return OPERATOR
