"""Templates from YAML files: small, UTF-8, no aliases, no key twice, all problems at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from agentcore.errors import TemplateInvalid
from agentcore.templates.template import Template, cut, problems_in

MAX_BYTES = 256_000
SUFFIXES = frozenset({".yaml", ".yml"})


def load_templates(folders: Sequence[Path]) -> Mapping[str, Template]:
    """All templates of the folders by name; a later folder's replace an earlier one's.

    Raises:
        TemplateInvalid: a folder or file can't be read or is wrong, or two files of one folder
            bear the same name. The message has one line for each problem.
    """
    templates: dict[str, Template] = {}
    problems: list[str] = []
    for folder in folders:
        places: dict[str, Path] = {}
        for path in _files(folder, problems):
            try:
                template = load_template(path)
            except TemplateInvalid as error:
                problems.append(str(error))
                continue
            if template.name in places:
                problems.append(
                    f"{path}: name: `{template.name}` is the name of "
                    f"{places[template.name].name} too; rename one."
                )
            places[template.name] = path
            templates[template.name] = template
    if problems:
        raise TemplateInvalid("\n".join(problems))
    return templates


def _files(folder: Path, problems: list[str]) -> list[Path]:
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        problems.append(f"{folder}: can't be read as a folder of templates: {error.strerror}.")
        return []
    return [path for path in found if path.suffix in SUFFIXES and not path.name.startswith(".")]


def load_template(path: Path) -> Template:
    """The template in one file.

    Raises:
        TemplateInvalid: it can't be read or is wrong; one line for each problem.
    """
    text = _text(path)
    try:
        return _template(text)
    except ValidationError as error:
        lines = problems_in(error.errors(include_url=False, include_input=False))
        raise TemplateInvalid("\n".join(f"{path}: {line}" for line in lines)) from error
    except yaml.MarkedYAMLError as error:
        raise _invalid(path, " ".join(_parts(error))) from error
    except yaml.reader.ReaderError as error:
        problem = f"holds the character U+{error.character:04X}, which YAML doesn't allow"
        raise _invalid(path, f"{problem}; take it out") from error
    except RecursionError as error:
        raise _invalid(path, "is nested too deeply to be a template") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise _invalid(path, f"holds a value that can't be read: {error}") from error


@lru_cache(maxsize=32)
def _template(text: str) -> Template:
    """Parsed once: what opens one database after the other reads the same files again and again."""
    # Bounded by the size of the file: it knows plain values only, and no aliases.
    return Template.model_validate(yaml.load(text, _Loader))  # noqa: S506 (a loader of plain values)


def _parts(error: yaml.MarkedYAMLError) -> Iterator[str]:
    mark = error.problem_mark or error.context_mark
    yield "isn't valid YAML" if mark is None else f"isn't valid YAML, line {mark.line + 1}:"
    if error.context:
        yield f"{error.context},"
    yield error.problem or "it can't be read"


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise _invalid(path, "is no file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _invalid(path, f"can't be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise _invalid(path, f"is larger than {MAX_BYTES} bytes; a template is a page of text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"isn't UTF-8 text (byte {error.start + 1}); save it as UTF-8"
        raise _invalid(path, problem) from error


def _invalid(path: Path, problem: str) -> TemplateInvalid:
    return TemplateInvalid(f"{path}: {problem}.")


class _Loader(yaml.SafeLoader):
    """Plain values only; a key that is there twice is an error, and so is an alias."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        try:
            return super().construct_object(node, deep)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Whatever the library's constructors make of a text that isn't what it looks like.
            problem = "holds a value that can't be read; if it is text, put it in quotes"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            problem = "aliases (*name) aren't allowed; write the value out"
            raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002
    ) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                problem = f"the key `{cut(key.value)}` is there twice; keep one"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)
