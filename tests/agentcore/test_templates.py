"""Template files: what loads, what is refused and how clearly, and what becomes of variables."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.errors import TemplateInvalid
from agentcore.loop.instructions import BASE
from agentcore.loop.window import estimate_text
from agentcore.records import SHARED_OWNER, AgentId
from agentcore.templates import Template, load_template, load_templates
from agentcore.templates.wording import BadWording, rendered, variables_in
from agentcore.tools.toolbox import Toolbox, default_tools

BUNDLED = Path(__file__).parent.parent.parent / "config" / "templates"
GOOD = """\
name: sage
version: 3
description: A test.
language: en
variables:
  who: {default: Ada, description: Whom it serves.}
system: You serve {{ who }}.
greeting: Hello {{ who|upper }}!
blocks:
  - {label: human, description: The person., value: "Is {{ who }}."}
  - {label: persona, description: You., value: Calm.}
"""


def written(folder: Path, text: str | bytes, name: str = "sage.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refusal(folder: Path, text: str | bytes) -> str:
    path = written(folder, text)
    with pytest.raises(TemplateInvalid) as caught:
        load_template(path)
    message = str(caught.value)
    assert all(line.startswith(f"{path}: ") for line in message.splitlines())
    return message


def sage(folder: Path, *changes: tuple[str, str]) -> Template:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load_template(written(folder, text))


def test_a_template_becomes_the_beginning_of_an_agent(tmp_path: Path) -> None:
    template = sage(tmp_path, ("language: en\n", "language: en\nlimits: {steps: 5, seconds: 9}\n"))
    seed = template.seed("user", tools=["a", "b"])
    assert (seed.owner_kind, seed.name, seed.template) == ("user", "sage", "sage:3")
    assert seed.system == "You serve Ada."
    assert [(each.label, each.value, each.limit) for each in seed.blocks] == [
        ("human", "Is Ada.", 20_000),
        ("persona", "Calm.", 20_000),
    ]
    assert seed.tools == ("a", "b")
    assert seed.limits == {"steps": 5, "seconds": 9}
    assert (seed.model, seed.context_window) == (None, None)


def test_two_seeds_share_no_block(tmp_path: Path) -> None:
    template = sage(tmp_path)
    ids = {each.block_id for _ in range(2) for each in template.seed("user", tools=[]).blocks}
    assert len(ids) == 4


def test_variables_replace_their_defaults_everywhere(tmp_path: Path) -> None:
    template = sage(tmp_path)
    seed = template.seed("chat", tools=[], variables={"who": "Zoë"})
    assert seed.system == "You serve Zoë."
    assert seed.blocks[0].value == "Is Zoë."
    assert template.greeting_text({"who": "Zoë"}) == "Hello ZOË!"
    assert template.greeting_text() == "Hello ADA!"


def test_a_template_that_names_tools_has_only_those(tmp_path: Path) -> None:
    template = sage(tmp_path, ("language: en\n", "language: en\ntools: [a, nope]\n"))
    assert template.seed("user", tools=["a", "b"]).tools == ("a", "nope")
    assert template.unknown_tools(["a", "b"]) == ("nope",)
    assert sage(tmp_path).unknown_tools([]) == ()


BAD_VARIABLES = [
    ({"whom": "x"}, "there is no variable `whom`; there are: who"),
    ({"who": "x" * 2_001}, "variable `who`: 2001 characters, 1 over the limit of 2000"),
    ({"who": "a\x00b"}, "variable `who`: the character U+0000"),
    ({"who": "\ud800"}, "variable `who`: the character U+D800"),
]


@pytest.mark.parametrize(("variables", "problem"), BAD_VARIABLES)
def test_a_bad_variable_is_refused(tmp_path: Path, variables: dict[str, str], problem: str) -> None:
    with pytest.raises(TemplateInvalid, match="template sage:3: ") as caught:
        sage(tmp_path).seed("user", tools=[], variables=variables)
    assert problem in str(caught.value)


def test_a_variable_that_overfills_a_block_is_refused(tmp_path: Path) -> None:
    small = sage(tmp_path, ("description: The person.", "limit: 9, description: The person."))
    with pytest.raises(TemplateInvalid, match="value of `human`: 14 characters, 5 over"):
        small.seed("user", tools=[], variables={"who": "x" * 10})


BAD_FIELDS = [
    ("version: 3", "versoin: 3", ["versoin: is no field", "version: is missing; add it"]),
    ("version: 3", "version: '3'", ["version: must be a whole number, without quotes"]),
    ("version: 3", "version: true", ["version: must be a whole number"]),
    ("version: 3", "version: 0", ["version: Input should be greater than or equal to 1"]),
    ("version: 3", "version: 2026-11-20", ["version: must be a whole number"]),
    ("name: sage", "name: Sage One", ["name: must match ^[a-z]"]),
    ("name: sage", "name: 'sage\n\n  '", ["name: must match ^[a-z]"]),
    ("name: sage", "name: [sage]", ["name: must be text; put it in quotes"]),
    ("language: en", "language: no", ["language: must be text; put it in quotes"]),
    ("description: A test.", "description: ' '", ["description: must not be empty"]),
    ("description: A test.", 'description: "a\\nb"', ["description: must be a single line"]),
    ("language: en", "language: en\ntools: memory", ["tools: must be a list"]),
    ("language: en", "language: en\ntools: [1]", ["tools (entry 1): must be text"]),
    ("language: en", "language: en\ntools: [a, a]", ["tools: named twice: a"]),
    ("language: en", "language: en\nlimits: {steps: .5}", ["limits.steps: must be a whole"]),
    ("language: en", "language: en\nlimits: {seconds: .inf}", ["limits.seconds: Input should be"]),
    ("language: en", "language: en\nlimits: {stepps: 5}", ["limits.stepps: is no field"]),
    ("language: en", "language: en\nlimits: 5", ["limits: "]),
    ("language: en", "language: en\ncontext_window: 10", ["context_window: Input should be"]),
    ("label: persona", "label: human", ["blocks: `human` is there twice", "block `persona`"]),
    ("label: persona", "label: Persona", ["blocks (entry 2).label: must match"]),
    ("value: Calm.", "value: Calm., limit: 2", ["value of `persona`: 5 characters, 3 over"]),
    ("value: Calm.", "value: Calm., limit: '2'", ["blocks (entry 2).limit: must be a whole"]),
    ("value: Calm.", "value: Calm., read_only: 1", ["(entry 2).read_only: must be true or false"]),
    ("value: Calm.", 'value: "a\\0b"', ["(entry 2).value: the character U+0000"]),
    ("who: {", "1: {", ["variables.1: must be text; put it in quotes"]),
    ("who: {default: Ada", "who: {default: 5", ["variables.who.default: must be text"]),
    ("{{ who }}.\n", "{{ whom }}.\n", ["system: uses whom; declare it under `variables`"]),
]


@pytest.mark.parametrize(
    ("old", "new", "problems"), BAD_FIELDS, ids=[each[1] for each in BAD_FIELDS]
)
def test_a_bad_field_is_named_with_what_to_do(
    tmp_path: Path, old: str, new: str, problems: list[str]
) -> None:
    message = refusal(tmp_path, GOOD.replace(old, new, 1))
    for problem in problems:
        assert problem in message


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("version: 3", "version: x").replace("language: en\n", "colour: red\n")
    text = text.replace("system: You serve {{ who }}.", "system: '{{ f() }} {{ x }}'")
    message = refusal(tmp_path, text)
    for field in ("version: ", "language: ", "colour: ", "system: "):
        assert f".yaml: {field}" in message


@pytest.mark.parametrize("field", ["name", "version", "description", "language", "greeting"])
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    lines = [line for line in GOOD.splitlines() if not line.startswith(f"{field}:")]
    assert f"{field}: is missing; add it." in refusal(tmp_path, "\n".join(lines))


BAD_FILES = {
    "bad yaml": (b"name: [sage\nversion: 3", "isn't valid YAML, line 2:"),
    "tab": (b"name: sage\n\tversion: 3", "isn't valid YAML, line 2:"),
    "duplicate key": (GOOD.encode() + b"name: two\n", "the key `name` is there twice"),
    "duplicate key below": (
        GOOD.replace("value: Calm.", "label: calm").encode(),
        "the key `label` is there twice",
    ),
    "alias": (b"a: &x [1]\nb: *x", "aliases (*name) aren't allowed"),
    "python tag": (b"name: !!python/object/apply:os.system [ls]", "line 1: could not determine"),
    "two documents": (GOOD.encode() + b"---\na: 1\n", "expected a single document"),
    "a list": (b"- a", "the file: must be a mapping of fields to values"),
    "empty": (b"", "the file: must be a mapping"),
    "not utf-8": ("name: é".encode("latin-1"), "isn't UTF-8 text (byte 7); save it as UTF-8"),
    "binary": (b"\x00\x01\x02", "holds the character U+0000"),
    "huge": (b"#" * 300_000, "is larger than 256000 bytes"),
    "deep": (b"[" * 50_000, "is nested too deeply"),
    "bad date": (b"version: 2026-99-99", "holds a value that can't be read"),
    "endless number": (b"version: " + b"9" * 5_000, "holds a value that can't be read"),
    "list as key": (b"? [a]\n: 1", "line 1: while constructing a mapping, found unhashable key"),
}


@pytest.mark.parametrize(("data", "problem"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_file_that_is_no_template_is_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    assert problem in refusal(tmp_path, data)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load_template(written(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())).name == "sage"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateInvalid, match="is no file"):
        load_template(tmp_path / "none.yaml")
    with pytest.raises(TemplateInvalid, match="can't be read as a folder of templates"):
        load_templates([tmp_path / "none"])


HOSTILE = [
    "{{ ''.__class__ }}",
    "{{ who.__class__ }}",
    "{{ who['__class__'] }}",
    "{{ self }}{{ who() }}",
    "{{ who * 100000000 }}",
    "{{ 'a' ~ who }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ [1, 2] }}",
    "{{ who if who else who }}",
    "{{ who is defined }}",
    "{{ who|attr('__class__') }}",
    "{{ who|center(100000000) }}",
    "{{ who|default(who) }}",
    "{{ who|default(*who) }}",
    "{{ who|default(**who) }}",
    "{{ who" + "|upper" * 6 + " }}",
    "{{ who" + "|upper" * 5_000 + " }}",
    "{{ " + "(" * 5_000 + "who" + ")" * 5_000 + " }}",
    "{{ " + "9" * 5_000 + " }}",
    "{{ who.a.b.c }}",
    "{% for x in range(1000000) %}x{% endfor %}",
    "{% include '/etc/passwd' %}",
    "{% extends 'other' %}",
    "{% import 'other' as o %}",
    "{% set x = who %}",
    "{% macro m() %}{% endmacro %}",
    "{% if who %}{% endif %}",
    "{% filter upper %}x{% endfilter %}",
    "{{ who",
    "{{ }}",
    "{% unknown %}",
]


@pytest.mark.parametrize("text", HOSTILE, ids=[f"{each[:30]}:{len(each)}" for each in HOSTILE])
def test_wording_that_does_more_than_fill_in_is_refused(text: str) -> None:
    with pytest.raises(BadWording, match="use only"):
        variables_in(text)
    with pytest.raises(BadWording):
        rendered(text, {"who": "Ada"})


def test_hostile_wording_makes_the_file_invalid(tmp_path: Path) -> None:
    hostile = "system: \"{{ ''.__class__ }}\""
    message = refusal(tmp_path, GOOD.replace("system: You serve {{ who }}.", hostile))
    assert "system: line 1: Getattr isn't allowed; use only" in message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ who|upper }} {{ who|lower }} {{ who|trim|title }}", "ADA BYRON ada byron Ada Byron"),
        ("{{ empty|default('nobody', true) }}", "nobody"),
        ("{{ '{{' }} {# not shown #}{% raw %}{{ who }}{% endraw %}", "{{ {{ who }}"),
        ("no variables\n", "no variables\n"),
    ],
)
def test_plain_wording_is_filled_in(text: str, shown: str) -> None:
    assert rendered(text, {"who": "ada byron", "empty": ""}) == shown


VALUE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(
        st.sampled_from(["{{ secret }}", "{{", "}}", "{%", "%}", "{#", "\n", "who", "<b>&"])
    ).map("".join),
)


@given(VALUE)
def test_the_text_of_a_variable_is_never_evaluated(value: str) -> None:
    shown = rendered("<{{ who }}|{{ who }}>", {"who": value, "secret": "s3cret"})
    assert shown == f"<{value}|{value}>"


@given(st.text(st.sampled_from("{}%#|.()'\"* who[]09"), max_size=60))
def test_no_wording_fails_otherwise_than_by_being_refused(text: str) -> None:
    try:
        shown = rendered(text, {"who": "Ada", "o": "x", "h": "y", "w": "z"})
    except BadWording:
        return
    assert len(shown) <= len(text) + 3 * len("Ada") * text.count("{{") + 1


def test_a_later_folder_overrides_by_name(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
    written(first, GOOD)
    written(first, GOOD.replace("name: sage", "name: other"), "other.yml")
    written(second, GOOD.replace("version: 3", "version: 4"), "any.yaml")
    written(second, "no template", "notes.txt")
    written(second, "no template", ".hidden.yaml")
    found = load_templates([first, second])
    assert {name: each.version for name, each in found.items()} == {"sage": 4, "other": 3}


def test_one_name_twice_in_a_folder_is_an_error_beside_all_others(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "a.yaml")
    written(tmp_path, GOOD, "b.yaml")
    written(tmp_path, "x: 1", "c.yaml")
    with pytest.raises(TemplateInvalid) as caught:
        load_templates([tmp_path])
    assert "b.yaml: name: `sage` is the name of a.yaml too; rename one." in str(caught.value)
    assert "c.yaml: x: is no field of a template" in str(caught.value)


BUNDLED_NAMES = ["coach", "friend", "tutor", "work"]


def test_four_templates_are_bundled() -> None:
    assert sorted(load_templates([BUNDLED])) == BUNDLED_NAMES


@pytest.mark.parametrize("name", BUNDLED_NAMES)
def test_a_bundled_template_is_small_and_whole(name: str) -> None:
    template = load_template(BUNDLED / f"{name}.yaml")
    known = Toolbox(default_tools()).names
    seed = template.seed("user", tools=known)
    assert template.name == name
    assert template.unknown_tools(known) == ()
    assert seed.tools == tuple(known)
    assert estimate_text(seed.system) <= 300
    assert len(template.greeting_text()) <= 160
    blocks = {each.label: each for each in seed.blocks}
    assert blocks["human"].value == ""
    assert blocks["persona"].value
    assert all(each.description and each.limit == 20_000 for each in seed.blocks)
    assert "{{" not in f"{seed.system}{template.greeting_text()}{blocks['persona'].value}"


@pytest.mark.parametrize("name", BUNDLED_NAMES)
def test_a_bundled_template_says_nothing_that_the_base_instructions_say(name: str) -> None:
    system = load_template(BUNDLED / f"{name}.yaml").seed("user", tools=[]).system
    said = {line.strip("- ").lower() for line in BASE.splitlines() if line}
    assert not said & {line.strip("- ").lower() for line in system.splitlines()}
    assert "memory_" not in system


SHARED = "  - {label: list, description: What to buy., shared: shopping, read_only: false}\n"


def test_a_shared_block_is_one_for_all_templates_that_name_it(tmp_path: Path) -> None:
    with_list = ("Calm.}\n", f"Calm.}}\n{SHARED}")
    one = sage(tmp_path, with_list).seed("user", tools=[]).blocks[-1]
    other = sage(tmp_path, with_list, ("name: sage", "name: fool")).seed("user", tools=[]).blocks
    assert (one.label, one.owner) == ("list", SHARED_OWNER)
    assert one.block_id == other[-1].block_id
    assert {each.owner for each in other[:-1]} == {AgentId("")}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (SHARED.replace(", read_only: false", ""), "`list` is shared, so it needs `read_only:"),
        (SHARED + SHARED.replace("label: list", "label: again"), "shares `shopping` twice"),
        (SHARED.replace("label: list", "label: human"), "`human` can't be shared"),
    ],
)
def test_a_block_is_only_shared_on_purpose(tmp_path: Path, line: str, problem: str) -> None:
    assert problem in refusal(tmp_path, GOOD + line)


def test_the_default_tools_are_the_six_of_the_memory() -> None:
    assert [tool.schema.name for tool in default_tools()] == [
        "memory_insert",
        "memory_replace",
        "memory_rethink",
        "conversation_search",
        "archival_memory_insert",
        "archival_memory_search",
    ]
