"""Who may use the API: whoever shows the operator's token, or one that the operator has made; and
on this machine alone, as long as the operator has no token, everybody.
"""

from __future__ import annotations

import secrets

from adapters.web.rest.callers import Caller, Unauthorized
from agentcore.tokens import PREFIX, Tokens
from bot.api_rates import Rates

OPERATOR = Caller("operator")


class TokenAdmittance:
    """`Admittance` by tokens. `operator`: that of the operator. None: it takes none, which is for
    loopback alone. There, clients that have to show some key show any; but one that is made here
    says who shows it, and is refused when it isn't good any more.
    """

    def __init__(self, operator: str | None, tokens: Tokens, rates: Rates) -> None:
        self._operator = None if operator is None else operator.encode()
        self._tokens = tokens
        self._rates = rates

    async def admit(self, token: str | None) -> Caller:
        """See `Admittance.admit`."""
        if self._operator is None and (token is None or not token.startswith(PREFIX)):
            return OPERATOR
        if token is not None and self._is_operator(token):
            self._rates.take("")
            return OPERATOR
        found = None if token is None else await self._tokens.find(token)
        if found is None:
            raise Unauthorized("It takes a token: send `Authorization: Bearer …`.")
        self._rates.take(found.token_id)
        return Caller(found.name, found.agent_id)

    def _is_operator(self, token: str) -> bool:
        expected = self._operator
        return expected is not None and secrets.compare_digest(token.encode(), expected)
