"""The kinds of fields that bodies and filters are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import to_json

from agentcore.records import storable

LARGEST_JSON = 100_000
"""Characters of what is kept and given back as it came: it stands in every list."""


def _small_enough(value: Any) -> Any:
    if len(to_json(value)) > LARGEST_JSON:
        msg = f"it may have {LARGEST_JSON} bytes of JSON at most"
        raise ValueError(msg)
    return value


SmallJson = AfterValidator(_small_enough)
Text = Annotated[str, AfterValidator(storable)]
Line = Annotated[Text, Field(max_length=200)]
About = Annotated[Text, Field(max_length=10_000)]
Tags = Annotated[list[Annotated[Text, Field(min_length=1, max_length=200)]], Field(max_length=100)]
Word = Annotated[str, Field(max_length=1_000)]
Words = Annotated[list[Word], Field(max_length=100)]
Metadata = Annotated[dict[Line, Any], Field(max_length=1_000), SmallJson]


class Body(BaseModel):
    """Fields that nobody knows are let be, as clients of other versions send them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Filters(BaseModel):
    """Parameters of a list. Those that nobody knows are let be."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def kept_as(wanted: Filters, *names: str) -> Mapping[str, str]:
    """What is looked for among the fields that are only kept."""
    return {name: value for name in names if (value := getattr(wanted, name)) is not None}
