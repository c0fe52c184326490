"""Whether the parts of a file fit together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from agentcore.agentfile.form import AgentFileInvalid


class _Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=_Named)


def wrong(place: str, what: str) -> AgentFileInvalid:
    """That something at a place contradicts the rest."""
    return AgentFileInvalid(f"The file contradicts itself. `{place}`: {what}.")


def unique(place: str, found: Sequence[N]) -> dict[str, N]:
    """By their ids.

    Raises:
        AgentFileInvalid: two have the same one.
    """
    require_one_each(place, [each.id for each in found])
    return {each.id: each for each in found}


def require_one_each(place: str, names: Sequence[str]) -> None:
    """Raises AgentFileInvalid: two are the same."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise wrong(place, f"{name[:80]!r} is there twice")
        seen.add(name)


def require_known(place: str, names: Iterable[str], known: Collection[str]) -> None:
    """Raises AgentFileInvalid: one of them isn't there."""
    for name in names:
        if name not in known:
            raise wrong(place, f"{name[:80]!r} isn't in the file")


def require_few(what: str, most: int, count: int) -> None:
    """Raises AgentFileInvalid: there are too many."""
    if count > most:
        msg = f"The file has {count:,} {what}; {most:,} are taken from one file."
        raise AgentFileInvalid(msg)
