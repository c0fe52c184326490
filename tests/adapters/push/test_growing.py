"""What an answer looks like while it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.push.growing import completed
from adapters.telegram.rendering import rendered

GROWING = [
    ("Hello", "Hello"),
    ("Hello **", "Hello"),
    ("Hello **wor", "Hello **wor**"),
    ("Hello **world*", "Hello **world**"),
    ("Hello **world**", "Hello **world**"),
    ("a **b *c", "a **b *c***"),
    ("5 * 3 = 15 and snake_case", "5 * 3 = 15 and snake_case"),
    ("use `co", "use `co`"),
    ("use `", "use"),
    ("**use `co", "**use `co`**"),
    ("`a*b` then *c", "`a*b` then *c*"),
    ("see [the li", "see the li"),
    ("see [the link](https://exam", "see the link"),
    ("see [the link](https://example.com)", "see [the link](https://example.com)"),
    ("**see [it](ht", "**see it**"),
    ("text\n-", "text"),
    ("text\n\n1.", "text"),
    ("- a **b\n- c", "- a **b\n- c"),
    ("```py\nx = 1\n``", "```py\nx = 1"),
    ("```py\nx = **1", "```py\nx = **1"),
    ("~~gone", "~~gone~~"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "shown"), GROWING, ids=range(len(GROWING)))
def test_what_is_open_is_closed_and_loose_signs_are_left_out(text: str, shown: str) -> None:
    assert completed(text) == shown


ANSWER = """\
Here **is** what *I* found in `a_file.py`, see [the docs](https://example.com/a_b):

- one **bold** item
- two

```python
x = "**" * 2
```

> a quote with ~~no~~ end
"""


def test_an_answer_never_shows_its_markup_while_it_grows() -> None:
    for end in range(len(ANSWER) + 1):
        shown = rendered(completed(ANSWER[:end])).text
        before_code = shown.partition("x =")[0]

        assert not set("*`[~") & set(before_code), (end, shown)
    assert rendered(completed(ANSWER)) == rendered(ANSWER.rstrip())


@given(st.text(alphabet="ab *_~`[]()\n-#>|1.!\\", max_size=80))
def test_any_text_can_be_cut_anywhere(text: str) -> None:
    rendered(completed(text))


def test_a_line_of_nothing_but_blanks_takes_no_longer_than_any_other() -> None:
    blanks = " " * 300_000

    assert completed(f"a\n{blanks}b") == f"a\n{blanks}b"
