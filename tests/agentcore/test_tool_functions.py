"""What a model is told of a function is read from its source, which isn't run for it."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from agentcore.errors import BadInput
from agentcore.tools.functions import LONGEST_SOURCE, read_function, require_function


def schema(annotation: str) -> Any:
    source = f'def f(x: {annotation}):\n    """Do it."""'
    return read_function(source).parameters["properties"]["x"]


def test_name_description_and_arguments_come_from_signature_and_docstring() -> None:
    source = '''
        import json

        def helper(x):
            return x

        def roll(sides: int, times: int = 1, *, kind: str, loud: bool = False) -> str:
            """Roll dice.

            For games of all sorts.

            Args:
                sides (int): How many sides,
                    at least two.
                times: How often.

            Returns:
                str: What came up.
            """
            return "6"

        def _hidden():
            pass
    '''
    found = read_function(textwrap.dedent(source))
    assert (found.name, found.description) == ("roll", "Roll dice.\n\nFor games of all sorts.")
    assert found.parameters == {
        "type": "object",
        "properties": {
            "sides": {"type": "integer", "description": "How many sides, at least two."},
            "times": {"type": "integer", "description": "How often."},
            "kind": {"type": "string"},
            "loud": {"type": "boolean"},
        },
        "required": ["sides", "kind"],
    }
    assert read_function('async def f():\n    """Wait."""').parameters["properties"] == {}


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("str", {"type": "string"}),
        ("float", {"type": "number"}),
        ("bool", {"type": "boolean"}),
        ("list", {"type": "array", "items": {}}),
        ("list[int]", {"type": "array", "items": {"type": "integer"}}),
        ("typing.List[str]", {"type": "array", "items": {"type": "string"}}),
        ("dict", {"type": "object"}),
        ("dict[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("Optional[int]", {"type": "integer"}),
        ("int | None", {"type": "integer"}),
        ("'Optional[list[int]]'", {"type": "array", "items": {"type": "integer"}}),
        ("int | str", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("Union[int, None, str]", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("Literal['a', 'b']", {"type": "string", "enum": ["a", "b"]}),
        ("Literal[1, 2]", {"type": "integer", "enum": [1, 2]}),
        ("Literal['a', 1]", {"enum": ["a", 1]}),
        ("Annotated[int, 'whole']", {"type": "integer"}),
        ("Any", {}),
    ],
)
def test_types_become_schemas(annotation: str, expected: Any) -> None:
    assert schema(annotation) == expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(:\n  pass", "Line 1: invalid syntax"),
        ("x = 1", "no public function"),
        ("def _f():\n    '''Do it.'''", "no public function"),
        ("\ndef f():\n    pass", "Line 2: `f` has no docstring"),
        ("def f():\n    '''  '''", "Line 1: `f` has no docstring"),
        ("def f():\n    '''Args:\n        x: It.'''", "doesn't say what it does"),
        ("def f(x):\n    '''Do it.'''", "Line 1: `x` has no type: write `x: str`"),
        ("def f(\n  a: int,\n  x: Foo):\n    '''Do it.'''", "Line 3: The type of `x` is Foo"),
        ("def f(x: f()):\n    '''Do it.'''", "The type of `x`"),
        ("def f(x: 'a b'):\n    '''Do it.'''", "The type of `x` can't be read"),
        ("def f(x: Literal[1.5]):\n    '''Do it.'''", "a Literal of something other"),
        (f"def f(x: {'list[' * 20}int{']' * 20}):\n    '''Do it.'''", "nested too deeply"),
        ("def f(*x):\n    '''Do it.'''", "takes * or **"),
        ("def f(x: int, /):\n    '''Do it.'''", "before a /"),
        ("def f(self, x: int):\n    '''Do it.'''", "`self` isn't filled in by this server"),
        ("\0", "null bytes"),
        ("-" * 60_000 + "1", "nested too deeply"),
        ("a" + ".a" * 30_000, "nested too deeply"),
        ("(" * 60_000, "too many nested parentheses"),
        ("#" * (LONGEST_SOURCE + 1), f"{LONGEST_SOURCE} fit"),
    ],
)
def test_what_is_no_tool_is_refused_with_its_reason(source: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_function(source)
    assert reason in str(refused.value)


def test_nothing_of_the_source_is_run(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    touch = f"open({str(touched)!r}, 'w')"
    source = f'{touch}\n@{touch}\ndef f(x: int = {touch}):\n    """Do it."""\n    {touch}'
    assert read_function(source).name == "f"
    assert not touched.exists()


def test_a_function_with_a_schema_of_its_own_needs_no_types_and_no_docstring() -> None:
    require_function("def f(x, y=1): pass", "f")
    with pytest.raises(BadInput, match="no function `g`"):
        require_function("def f(x): pass", "g")
    with pytest.raises(BadInput, match="takes"):
        require_function("def f(**x): pass", "f")
