"""The record of a template and the rules that it keeps. Knows nothing of files.

`Template.read` checks plain data; what it returns can always be rendered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from agentcore.errors import TemplateInvalid
from agentcore.records import (
    SHARED_OWNER,
    AgentId,
    AgentSeed,
    Block,
    new_block_id,
    shared_block_id,
)
from agentcore.templates.wording import BadWording, rendered, unusable, variables_in

BLOCK_LIMIT = 20_000
"""Characters of a block for which the template names no limit."""
MAX_SYSTEM = 20_000
MAX_VARIABLE = 2_000
NEEDED_BLOCKS = ("human", "persona")
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


def _problem(text: str) -> PydanticCustomError:
    return PydanticCustomError("template", "{problem}", {"problem": text})


def _usable(text: str) -> str:
    if (problem := unusable(text)) is not None:
        raise _problem(problem)
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise _problem("must not be empty")
    return _usable(text)


def _one_line(text: str) -> str:
    if "\n" in text:
        raise _problem("must be a single line")
    return _said(text)


_NAME = r"^[a-z][a-z0-9_-]{0,49}$"
Text = Annotated[str, AfterValidator(_usable)]
Said = Annotated[str, AfterValidator(_said)]
Line = Annotated[str, Field(max_length=500), AfterValidator(_one_line)]
Label = Annotated[str, Field(pattern=_NAME)]
VariableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
ToolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Variable(_Record):
    """One thing that an operator may set without touching the text."""

    default: Annotated[Text, Field(max_length=MAX_VARIABLE)]
    description: Line


class TemplateBlock(_Record):
    """A memory block that every new agent gets. `limit` counts characters. `shared` names one
    that all agents hold together whose templates name it so; it begins as the first one says.
    """

    label: Label
    description: Line
    value: Text = ""
    limit: Annotated[int, Field(ge=1, le=1_000_000)] = BLOCK_LIMIT
    read_only: bool = False
    shared: Label | None = None

    @property
    def misshared(self) -> str | None:
        """Why it can't be shared like this; None if it can, or isn't."""
        if self.shared is None:
            return None
        if self.label in NEEDED_BLOCKS:
            return f"`{self.label}` can't be shared: it is each agent's own"
        if "read_only" not in self.model_fields_set:
            return (
                f"`{self.label}` is shared, so it needs `read_only: true`, or `read_only: false` if "
                "everybody whose agent holds it may see and change what the others' agents note there"
            )
        return None


class TemplateLimits(_Record):
    """What one turn may use; what isn't named here is the engine's default."""

    steps: Annotated[int, Field(ge=1, le=500)] | None = None
    tokens: Annotated[int, Field(ge=1_000, le=10_000_000)] | None = None
    seconds: Annotated[float, Field(ge=1, le=3_600, allow_inf_nan=False)] | None = None


class Template(_Record):
    """What a new agent is made from. `tools` None: all that the service offers."""

    name: Label
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    description: Line
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    # Before the texts, whose checks look up what is declared here.
    variables: Annotated[dict[VariableName, Variable], Field(max_length=50)] = Field(
        default_factory=dict
    )
    system: Annotated[Said, Field(max_length=MAX_SYSTEM)]
    greeting: Annotated[Said, Field(max_length=2_000)]
    blocks: Annotated[tuple[TemplateBlock, ...], Field(strict=False, max_length=50)]
    model: Line | None = None
    tools: Annotated[tuple[ToolName, ...], Field(strict=False, max_length=200)] | None = None
    limits: TemplateLimits = Field(default_factory=TemplateLimits)
    context_window: Annotated[int, Field(ge=2_000, le=2_000_000)] | None = None

    @field_validator("system", "greeting")
    @classmethod
    def _can_be_rendered(cls, text: str, info: ValidationInfo) -> str:
        most = MAX_SYSTEM if info.field_name == "system" else 2_000
        if problem := _rendering_problem(text, info, most):
            raise _problem(problem)
        return text

    @field_validator("blocks")
    @classmethod
    def _blocks_are_sound(
        cls, blocks: tuple[TemplateBlock, ...], info: ValidationInfo
    ) -> tuple[TemplateBlock, ...]:
        labels = [block.label for block in blocks]
        problems = [f"`{each}` is there twice; labels must differ" for each in _twice(labels)]
        problems += [f"needs a block `{each}`" for each in NEEDED_BLOCKS if each not in labels]
        problems += [problem for block in blocks if (problem := block.misshared)]
        names = [block.shared for block in blocks if block.shared is not None]
        problems += [f"shares `{each}` twice; a block has one label" for each in _twice(names)]
        for block in blocks:
            if problem := _rendering_problem(block.value, info, block.limit):
                problems.append(f"value of `{block.label}`: {problem}")
        if problems:
            raise _problem("; ".join(problems))
        return blocks

    @field_validator("tools")
    @classmethod
    def _tools_differ(cls, tools: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if twice := _twice(tools or ()):
            raise _problem(f"named twice: {', '.join(twice)}")
        return tools

    @property
    def handle(self) -> str:
        """`name:version`, as agents and epochs record it."""
        return f"{self.name}:{self.version}"

    def unknown_tools(self, known: Iterable[str]) -> tuple[str, ...]:
        """The tools that this template names and the service doesn't offer."""
        offered = set(known)
        return tuple(each for each in self.tools or () if each not in offered)

    def greeting_text(self, variables: Mapping[str, str] = NO_VARIABLES) -> str:
        """The agent's first words to a new person.

        Raises:
            TemplateInvalid: see `seed`.
        """
        return self._filled(self.greeting, self._values(variables))

    def seed(
        self,
        owner_kind: Literal["user", "chat", "api"],
        *,
        tools: Sequence[str],
        variables: Mapping[str, str] = NO_VARIABLES,
    ) -> AgentSeed:
        """A new agent's beginning, its blocks its own but for shared ones: good for one agent.

        Args:
            owner_kind: whose agent it will be.
            tools: the names of all tools that the service offers; taken whole by a template
                that names none.
            variables: values in place of the declared defaults.

        Raises:
            TemplateInvalid: a variable is unknown or unusable, or makes a text too long.
        """
        values = self._values(variables)
        system = self._filled(self.system, values)
        if len(system) > MAX_SYSTEM:
            raise self._invalid(f"system: {_over(system, MAX_SYSTEM)}")
        return AgentSeed(
            owner_kind=owner_kind,
            name=self.name,
            template=self.handle,
            system=system.strip(),
            tools=tuple(tools) if self.tools is None else self.tools,
            blocks=tuple(self._block(block, values) for block in self.blocks),
            model=self.model,
            context_window=self.context_window,
            limits=self.limits.model_dump(exclude_none=True),
        )

    def _block(self, block: TemplateBlock, values: Mapping[str, str]) -> Block:
        value = self._filled(block.value, values).rstrip("\n")
        if len(value) > block.limit:
            raise self._invalid(f"blocks: value of `{block.label}`: {_over(value, block.limit)}")
        return Block(
            block_id=new_block_id() if block.shared is None else shared_block_id(block.shared),
            # The store makes those of its own the new agent's.
            owner=AgentId("") if block.shared is None else SHARED_OWNER,
            label=block.label,
            value=value,
            limit=block.limit,
            description=block.description,
            read_only=block.read_only,
        )

    def _values(self, variables: Mapping[str, str]) -> Mapping[str, str]:
        problems = []
        for name, value in variables.items():
            if name not in self.variables:
                known = ", ".join(self.variables) or "none"
                problems.append(f"there is no variable `{name}`; there are: {known}")
            elif len(value) > MAX_VARIABLE:
                problems.append(f"variable `{name}`: {_over(value, MAX_VARIABLE)}")
            elif (problem := unusable(value)) is not None:
                problems.append(f"variable `{name}`: {problem}")
        if problems:
            raise self._invalid("; ".join(problems))
        return _defaults(self.variables) | dict(variables)

    def _filled(self, text: str, values: Mapping[str, str]) -> str:
        try:
            return rendered(text, values)
        except BadWording as error:  # a record that wasn't made by validation
            raise self._invalid(str(error)) from error

    def _invalid(self, problem: str) -> TemplateInvalid:
        return TemplateInvalid(f"template {self.handle}: {problem}.")


def _rendering_problem(text: str, info: ValidationInfo, most: int) -> str | None:
    """What is wrong with a text as its default variables fill it in."""
    declared: dict[str, Variable] | None = info.data.get("variables")
    try:
        used = variables_in(text)
        if declared is None:  # they have problems of their own
            return None
        if unknown := sorted(used - declared.keys()):
            return f"uses {', '.join(unknown)}; declare it under `variables`, or take it out"
        shown = rendered(text, _defaults(declared)).rstrip("\n")
    except BadWording as error:
        return str(error)
    return _over(shown, most) if len(shown) > most else None


def _defaults(variables: Mapping[str, Variable]) -> dict[str, str]:
    return {name: variable.default for name, variable in variables.items()}


def _over(text: str, most: int) -> str:
    return f"{len(text)} characters, {len(text) - most} over the limit of {most}; shorten it"


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


MOST_PROBLEMS = 20
"""Of one file, that are told."""
LONGEST_NAME = 80
"""Characters of one from the file, as it is told."""


def problems_in(errors: Sequence[Mapping[str, Any]]) -> list[str]:
    """Pydantic's errors as sentences for whoever writes the file: field, and what to do."""
    told = [f"{_place(error['loc'])}: {_advice(error)}." for error in errors[:MOST_PROBLEMS]]
    more = len(errors) - MOST_PROBLEMS
    return [*told, f"and {more} problems more."] if more > 0 else told


_ADVICE = {
    "missing": "is missing; add it",
    "extra_forbidden": "is no field of a template; check the spelling, or take it out",
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number, without quotes",
    "float_type": "must be a number, without quotes",
    "bool_type": "must be true or false, without quotes",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of fields to values",
    "invalid_key": "names must be text; put them in quotes",
}


def _advice(error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind == "string_pattern_mismatch":
        return f"must match {error['ctx']['pattern']}"
    if kind == "too_long":
        what = "characters" if error["ctx"]["field_type"] == "Value" else "entries"
        return f"must have at most {error['ctx']['max_length']} {what}; shorten it"
    message: str = _ADVICE.get(kind) or error["msg"]
    return message.rstrip(".")


def _place(location: Sequence[str | int]) -> str:
    """`blocks (entry 2).limit`; pydantic's own marks left out."""
    place = ""
    is_key = "[key]" in location
    for each in location:
        if isinstance(each, int) and not is_key:
            place += f" (entry {each + 1})"
        elif each != "[key]":
            name = cut(str(each))
            place += f".{name}" if place else name
    return place or "the file"


def cut(name: str) -> str:
    """A name from a file, as it can be told on a line."""
    shown = name if name.isprintable() else ascii(name)[1:-1]
    return shown if len(shown) <= LONGEST_NAME else f"{shown[:LONGEST_NAME]}…"
