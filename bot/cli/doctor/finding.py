"""What the doctor says of one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do: to mend it, or, if it is good, to have it
    better.
    """

    subject: str
    good: bool
    text: str
    fix: str = ""

    def as_text(self) -> str:
        mark = "ok  " if self.good else "BAD "
        return f"{mark} {self.subject}: {self.text}" + (f"\n     {self.fix}" if self.fix else "")

    def as_data(self) -> Mapping[str, Any]:
        return {"subject": self.subject, "ok": self.good, "text": self.text, "fix": self.fix}
