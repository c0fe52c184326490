"""Text with `{{ variables }}`.

Invariant: only what is checked here reaches Jinja's renderer: plain text, a variable or a quoted
text, and five filters. No loops, attributes, calls or operators, so rendering costs no more
than its result is long; and since it is one pass, the text of a value is never evaluated.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

FILTERS = frozenset({"default", "lower", "title", "trim", "upper"})
MAX_FILTERS = 5
"""In one expression."""

_ALLOWED = (
    "use only {{ variable }}, {{ variable|filter }} and {{ 'text' }}, with the filters "
    + ", ".join(sorted(FILTERS))
)


class BadWording(ValueError):
    """The text can't be a template; the message says what to change."""


def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
        cache_size=0,
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters = {
        name: call for name, call in environment.filters.items() if name in FILTERS
    }
    return environment


def variables_in(text: str) -> frozenset[str]:
    """The names of the variables that a text uses.

    Raises:
        BadWording: it is no valid template, or does more than it may.
    """
    try:
        parsed = _environment().parse(text)
    except TemplateSyntaxError as error:
        msg = f"line {error.lineno}: {error.message}; {_ALLOWED}"
        raise BadWording(msg) from error
    except (RecursionError, ValueError, OverflowError) as error:
        msg = f"an expression is too large; {_ALLOWED}"
        raise BadWording(msg) from error
    found: set[str] = set()
    for statement in parsed.body:
        if not isinstance(statement, nodes.Output):
            raise _refused(statement)
        for expression in statement.nodes:
            name = _variable(expression)
            if name is not None:
                found.add(name)
    return frozenset(found)


def _variable(expression: nodes.Expr) -> str | None:
    """The variable of an expression; None for text."""
    if isinstance(expression, nodes.TemplateData):
        return None
    filters = 0
    while isinstance(expression, nodes.Filter):
        filters += 1
        if filters > MAX_FILTERS or expression.node is None or not _filter_is_plain(expression):
            raise _refused(expression)
        expression = expression.node
    if isinstance(expression, nodes.Name):
        return expression.name
    if isinstance(expression, nodes.Const) and isinstance(expression.value, str):
        return None
    raise _refused(expression)


def _filter_is_plain(expression: nodes.Filter) -> bool:
    if expression.name not in FILTERS or expression.kwargs or expression.dyn_args is not None:
        return False
    if expression.dyn_kwargs is not None:
        return False
    if expression.name != "default":
        return not expression.args
    return len(expression.args) <= 2 and all(
        isinstance(arg, nodes.Const) for arg in expression.args
    )


def _refused(node: nodes.Node) -> BadWording:
    return BadWording(f"line {node.lineno}: {type(node).__name__} isn't allowed; {_ALLOWED}")


def rendered(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables filled in, each exactly as it is given.

    Raises:
        BadWording: it does more than it may, or needs a value that isn't there.
    """
    names, template = _compiled(text)
    if missing := names - set(values):
        msg = f"no value for {', '.join(sorted(missing))}"
        raise BadWording(msg)
    return template.render(dict(values))


@functools.lru_cache(maxsize=256)
def _compiled(text: str) -> tuple[frozenset[str], Template]:
    """The text's variables and its template: made once, used for every new agent."""
    return variables_in(text), _environment().from_string(text)


def unusable(text: str) -> str | None:
    """What a text holds that no database or terminal takes; None if it is fine."""
    for each in text:
        if unicodedata.category(each) in {"Cc", "Cs"} and each not in "\n\t":
            return f"the character U+{ord(each):04X} can't be stored or shown; take it out"
    return None
