"""Erasing a person: what they are answered, and the receipt of what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agentcore.clock import Micros


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """How the database's files were left after rows had been deleted. `checked` False: they
    could not be looked through.

    `log_emptied`: no copy of a deleted row is left in the log beside the file. `overwritten`
    counts the pages with remains in their unused space, which are zeros now; `uncleared` those
    that could not be overwritten. `looked_for` is how many of the person's longer passages were
    searched for in the files, `found` how many are there: in what somebody else stores, or in
    unused space. `copies` counts files beside the database that hold it as it was before an
    upgrade. `needs_vacuum`: the files are the database server's, and only its VACUUM clears them.
    """

    checked: bool = True
    log_emptied: bool = True
    overwritten: int = 0
    uncleared: int = 0
    looked_for: int = 0
    found: int = 0
    copies: int = 0
    needs_vacuum: bool = False

    @property
    def clean(self) -> bool:
        """Nothing of what was deleted is left in unused space or in the log."""
        hindered = self.uncleared or self.needs_vacuum
        return self.checked and self.log_emptied and not hindered


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """What was erased: rows deleted, and rows redacted in what belongs to others, by table.
    Tells nothing of who it was. `platforms` are the kinds of places where the person wrote.
    """

    erased_at: Micros
    deleted: Mapping[str, int]
    redacted: Mapping[str, int]
    platforms: tuple[str, ...]
    files: Scrubbed


@dataclass(frozen=True, slots=True)
class ErasureReply:
    """What somebody is answered who asked to be erased.

    "asked": they are to confirm with `code`; "asked_here": the same in a group, where it stands
    for what they wrote there; "done_here": that is gone. "private_only": this group keeps
    nothing of its own. "wrong_code": it isn't theirs, or has run out. "nothing": nothing is
    stored about them. "begun": they are gone already for everybody; `erasure_id` names what is
    left to do.
    """

    outcome: Literal[
        "asked", "asked_here", "done_here", "private_only", "wrong_code", "nothing", "begun"
    ]
    language: str | None = None
    code: str = ""
    erasure_id: str = ""
