"""Template files of any kind: each is loaded or refused with its place, soon and in few words."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agentcore.errors import TemplateInvalid
from agentcore.templates import load_template, load_templates
from agentcore.templates.files import MAX_BYTES
from tests.adapters.damage import damaged
from tests.agentcore.test_templates import GOOD
from tests.fuzz.amounts import examples
from tests.fuzz.material import ANYTHING

LONGEST = 20_000
"""Characters of a refusal."""


def loaded(folder: Path, content: str | bytes) -> str:
    """What is said of a file; empty: it is good, and an agent can be made from it."""
    path = folder / "sage.yaml"
    path.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    try:
        template = load_template(path)
    except TemplateInvalid as error:
        said = str(error)
        assert all(line.startswith(f"{path}: ") for line in said.split("\n"))
        assert len(said) < LONGEST
        return said
    template.seed("user", tools=[])
    template.greeting_text()
    return ""


BAD_TAGS = ["!!int ''", "!!bool x", "!!timestamp x", "!!float x", "!!binary \u00e9", "!!null [x]"]


@pytest.mark.parametrize("value", BAD_TAGS)
def test_a_value_that_is_not_what_it_says_is_refused_with_its_line(
    tmp_path: Path, value: str
) -> None:
    assert "line 2: " in loaded(tmp_path, f"name: sage\nversion: {value}\n")


def test_a_thousand_problems_are_not_all_told(tmp_path: Path) -> None:
    keys = "".join(f"k{at}: 1\n" for at in range(1_000))
    said = loaded(tmp_path, keys + "'line\\nbreak': 1\n\"a\\nb\": 1\n" + "x" * 900 + ": 1\n")
    assert "problems more." in said


HUGE = {
    "sexagesimal": "version: " + "1:" * 20_000 + "1",
    "hexadecimal": "version: 0x" + "f" * 100_000,
    "sequence": "system: [" + "a," * 10_000 + "]",
    "text": "system: " + "x" * 200_000,
    "braces": "system: '" + "{{" * 9_000 + "'",
    "blanks": "system: '{%" + " " * 19_000 + "'",
    "strings": 'system: "{{ ' + "'a'~" * 4_000 + "'a' }}\"",
    "power": "system: '{{ 9**9**9 }}'",
    "product": "system: \"{{ 'a'*10**9 }}\"",
    "range": "system: '{% for x in range(10**9) %}x{% endfor %}'",
    "laughs": "a: &a [lol,lol]\nb: &b [*a,*a]\nc: &c [*b,*b]\nsystem: *c",
    "merges": "<<: " + "{<<: " * 150 + "{a: 1}" + "}" * 150,
    "anchors": "".join(f"a{at}: &a{at} 1\n" for at in range(2_000)),
    "escape": 'system: "\\UFFFFFFFF"',
    "directive": f"%YAML {'1' * 5_000}.1\n---\na: 1",
    "bytes": b"\xff\xfe" * 1_000,
    "too large": b"#" * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE.keys())
def test_what_is_to_take_long_is_refused(tmp_path: Path, content: str | bytes) -> None:
    assert loaded(tmp_path, content)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    import os  # noqa: PLC0415

    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "self.yaml").symlink_to(tmp_path / "self.yaml")
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(TemplateInvalid) as caught:
        load_templates([tmp_path])
    assert str(caught.value).count(" no file") == 3


SOUND = yaml.safe_load(GOOD)
SIGNS = list("{}[]:,-?!&*#|>'\"%@` \n\t\u2028\x85\ufeff")
WORDS = ["- ", ": ", "{{", "}}", "{%", "%}", "<<", "!!", "!!set ", "---\n", "a", "name", "1", "0x1"]
VALUES = ["1:1", ".inf", "~", "true", "2001-01-01", "!!int ", "!!bool "]
YAML = st.lists(st.sampled_from([*SIGNS, *WORDS, *VALUES]), max_size=30).map("".join)


@examples(20)
@given(damaged([SOUND], ANYTHING))
def test_a_damaged_template_is_loaded_or_refused(
    tmp_path_factory: pytest.TempPathFactory, raw: object
) -> None:
    folder = tmp_path_factory.getbasetemp()
    loaded(folder, yaml.safe_dump(raw, allow_unicode=True))


@examples(40)
@given(YAML | st.binary(max_size=60))
def test_anything_at_all_is_loaded_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: str | bytes
) -> None:
    loaded(tmp_path_factory.getbasetemp(), content)
