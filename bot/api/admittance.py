"""Who may use the API: whoever shows the operator's token, or one that the operator has made; and
where nobody but this machine's own programs can ask, whoever does.
"""

from __future__ import annotations

import secrets

from adapters.web.rest.seams.callers import Caller, Unauthorized
from agentcore.store.tokens import PREFIX, Tokens
from bot.api.rates import Rates

OPERATOR = Caller("operator")


class TokenAdmittance:
    """`Admittance` by tokens. `operator`: that of the operator, if there is one. `open_here`: it
    takes none. Clients that have to show some key show any then; but one that is made here says who
    shows it, and is refused when it isn't good any more.
    """

    def __init__(
        self, operator: str | None, tokens: Tokens, rates: Rates, *, open_here: bool
    ) -> None:
        self._operator = None if operator is None else operator.encode()
        self._tokens = tokens
        self._rates = rates
        self._open = open_here

    async def admit(self, token: str | None, *, relayed: bool = False) -> Caller:
        """See `Admittance.admit`."""
        if self._open and not relayed and not (token or "").startswith(PREFIX):
            return OPERATOR
        if token is None:
            raise Unauthorized("It takes a token: send `Authorization: Bearer …`.")
        if self._is_operator(token):
            self._rates.take("")
            return OPERATOR
        found = await self._tokens.find(token)
        if found is None:
            raise Unauthorized("This token isn't good here.")
        self._rates.take(found.token_id)
        return Caller(found.name, found.agent_id)

    def _is_operator(self, token: str) -> bool:
        expected = self._operator
        given = token.encode("latin-1", "replace")  # as headers are read
        return expected is not None and secrets.compare_digest(given, expected)
