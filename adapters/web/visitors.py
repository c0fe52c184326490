"""Who is who on the web page: a signed cookie, a recovery code, or an invitation.

A visitor's id is random and the cookie carries it with a signature, so that nobody can make up
somebody else's. The recovery code is the id with a second signature, in letters that are easy to
copy. Whoever has the key can make both: it never leaves the service's own folder.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NewType, Protocol

from itsdangerous import BadSignature, Signer

from adapters.addresses import ChatAddress
from adapters.base import Sender

NAME = "web:page"
COOKIE = "familiar"
COOKIE_SECONDS = 400 * 24 * 3600
"""As long as browsers keep a cookie at most; each visit renews it."""

Door = Literal["open", "invited"]
"""Who gets in without a cookie: everybody, or only those with an invitation."""

VisitorId = NewType("VisitorId", str)

_ID_BYTES = 10
_CODE_BYTES = 15
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter that looks like another
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})
_VISITOR = re.compile(rf"[0-9a-f]{{{_ID_BYTES * 2}}}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")

WRONG_PER_MINUTE = 20


class NotLetIn(Exception):
    """A code or an invitation that is no good; the message is the key of a text."""


class TooManyTries(NotLetIn):
    """Too many wrong codes in this minute, whoever entered them."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the page. `language` as their browser says."""

    visitor_id: VisitorId
    language: str | None = None

    @property
    def address(self) -> ChatAddress:
        platform, _, account = NAME.partition(":")
        return ChatAddress(platform, account, self.visitor_id)

    @property
    def sender(self) -> Sender:
        return Sender(self.visitor_id, language=self.language)


class Invitations(Protocol):
    """Invitations that the operator has made."""

    async def use_invitation(self, invite: str) -> Literal["fresh", "used", "unknown"]:
        """Whether it lets somebody in; it doesn't a second time."""
        ...


class Visitors:
    """Makes and checks cookies, codes and invitations. Safe for any number of callers at once.

    Args:
        key: at least 16 secret bytes.
        door: who gets in without a cookie.
        invitations: which there are.
        now: seconds on a clock that only rises.
    """

    def __init__(
        self, key: bytes, door: Door, invitations: Invitations, now: Callable[[], float]
    ) -> None:
        self.door = door
        self._key = key
        self._cookies = Signer(key, salt="visitor", digest_method=hashlib.sha256)
        self._invitations = invitations
        self._now = now
        self._wrong: deque[float] = deque(maxlen=WRONG_PER_MINUTE)

    def known(self, cookie: str | None) -> VisitorId | None:
        """Whose cookie it is; None for none, and for one that isn't ours."""
        try:
            found = self._cookies.unsign(cookie or "").decode("ascii", "replace")
        except BadSignature:
            return None
        return VisitorId(found) if _VISITOR.fullmatch(found) else None

    def cookie(self, visitor: VisitorId) -> str:
        return self._cookies.sign(visitor).decode("ascii")

    def stranger(self) -> VisitorId:
        """A visitor that nobody knows yet."""
        return VisitorId(secrets.token_hex(_ID_BYTES))

    def recovery_code(self, visitor: VisitorId) -> str:
        """The code by which another browser becomes this visitor's: groups of five letters."""
        letters = _encoded(bytes.fromhex(visitor) + self._proof(visitor))
        return "-".join(letters[at : at + 5] for at in range(0, len(letters), 5))

    def recovered(self, code: str) -> VisitorId:
        """Whose code it is. Case, spaces and dashes don't matter.

        Raises:
            NotLetIn: nobody's.
        """
        self._not_too_often()
        raw = _decoded(code)
        visitor = VisitorId(raw[:_ID_BYTES].hex())
        if not hmac.compare_digest(raw[_ID_BYTES:], self._proof(visitor)):
            self._wrong.append(self._now())
            msg = "web.wrong_code"
            raise NotLetIn(msg)
        return visitor

    async def invited(self, invite: str) -> VisitorId:
        """A new visitor, for an invitation that nobody has used.

        Raises:
            NotLetIn: it isn't ours, has run out, or was used.
        """
        self._not_too_often()
        found = await self._invitations.use_invitation(invite) if invite.isascii() else "unknown"
        if found == "fresh":
            return self.stranger()
        if found == "used":
            msg = "web.used_invite"
            raise NotLetIn(msg)
        self._wrong.append(self._now())
        msg = "web.wrong_invite"
        raise NotLetIn(msg)

    def _proof(self, visitor: VisitorId) -> bytes:
        return hmac.digest(self._key, f"recovery {visitor}".encode(), "sha256")[:_CODE_BYTES]

    def _not_too_often(self) -> None:
        """The codes can't be guessed; this keeps trying from being free."""
        if len(self._wrong) == WRONG_PER_MINUTE and self._now() - self._wrong[0] < 60:
            msg = "web.too_many_tries"
            raise TooManyTries(msg)


def language_of(accept_language: str) -> str | None:
    """The language that a browser asks for first."""
    first = accept_language.partition(",")[0].partition(";")[0].strip()
    return first if _LANGUAGE.fullmatch(first) else None


def _encoded(raw: bytes) -> str:
    number, length = int.from_bytes(raw, "big"), len(raw) * 8 // 5
    return "".join(_ALPHABET[number >> 5 * (length - 1 - at) & 31] for at in range(length))


def _decoded(code: str) -> bytes:
    """The bytes of a code; zeros, which prove nothing, if it can't be one."""
    length = (_ID_BYTES + _CODE_BYTES) * 8 // 5
    letters = re.sub(r"[\s\-]", "", code).upper().translate(_LOOKALIKES)
    if len(letters) != length or any(each not in _ALPHABET for each in letters):
        letters = "0" * length
    number = 0
    for each in letters:
        number = number << 5 | _ALPHABET.index(each)
    return number.to_bytes(_ID_BYTES + _CODE_BYTES, "big")
