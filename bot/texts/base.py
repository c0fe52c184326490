"""The shape of a topic's texts: by key, with `{name}` where an argument goes."""

from __future__ import annotations

from collections.abc import Mapping

Texts = Mapping[str, str]
