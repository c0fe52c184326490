from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.splitting import MIN_LIMIT, Unit, has_visible, is_visible, length, split

UNITS = st.sampled_from(["characters", "utf16", "bytes"])
PIECES = st.sampled_from(
    [
        "word",
        " ",
        "\n",
        "\n\n",
        ". ",
        "```",
        "```py\n",
        "\n```\n",
        "~~~\n",
        "\n````\n",
        "é",
        "e\u0301",
        "👩‍👩‍👧",
        "🇵🇹",
        "👍🏽",
        "\u202e",
        "\t",
        "مرحبا",
        "日本語",
        "supercalifragilistic",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(PIECES, max_size=80).map("".join),
)


def visible(text: str) -> str:
    return "".join(char for char in text if is_visible(char))


def is_subsequence(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(char in rest for char in part)


@given(TEXTS, st.integers(MIN_LIMIT, 120), UNITS)
def test_no_chunk_is_longer_than_the_limit_and_each_shows_something(
    text: str, limit: int, unit: Unit
) -> None:
    for chunk in split(text, limit, unit):
        assert length(chunk, unit) <= limit
        assert has_visible(chunk)


@given(TEXTS, st.integers(MIN_LIMIT, 120), UNITS)
def test_all_visible_characters_arrive_in_order(text: str, limit: int, unit: Unit) -> None:
    joined = visible("".join(split(text, limit, unit)))

    if "```" in text or "~~~" in text:
        assert is_subsequence(visible(text), joined)
    else:
        assert joined == visible(text)


@given(TEXTS, st.integers(64, 200), UNITS)
def test_every_chunk_closes_the_code_fences_that_it_opens(
    text: str, limit: int, unit: Unit
) -> None:
    chunks = split(text, limit, unit)

    for chunk in chunks[:-1]:
        opened = ""
        for marker, info in re.findall(r"(?m)^ {0,3}(`{3,}|~{3,})([^\n]*)$", chunk):
            if not opened:
                opened = marker if marker[0] == "~" or "`" not in info else ""
            elif not info.strip() and marker.startswith(opened):
                opened = ""
        assert len(opened) * 2 + 2 > limit // 4 or not opened


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=10), min_size=1, max_size=60))
def test_words_stay_whole(words: list[str]) -> None:
    chunks = split(" ".join(words), 24)

    assert [word for chunk in chunks for word in chunk.split()] == words


@pytest.mark.parametrize("cluster", ["👩‍👩‍👧", "🇵🇹", "👍🏽", "e\u0301", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
@pytest.mark.parametrize("unit", ["characters", "utf16", "bytes"])
def test_what_is_seen_as_one_character_stays_one(cluster: str, unit: Unit) -> None:
    chunks = split(cluster * 40, 40, unit)

    assert len(chunks) > 1
    assert all(chunk.count(cluster) * len(cluster) == len(chunk) for chunk in chunks)


def test_a_cluster_longer_than_the_limit_is_cut_rather_than_dropped() -> None:
    text = "a" + "\u0301" * 50

    assert "".join(split(text, 8)) == text


def test_a_code_block_goes_on_in_its_language() -> None:
    text = "Look:\n\n```python\n" + "".join(f"line_{n} = {n}\n" for n in range(12)) + "```\nDone."

    chunks = split(text, 100)

    assert len(chunks) > 1
    assert chunks[0].endswith("\n```")
    assert all(chunk.startswith("```python\nline_") for chunk in chunks[1:])
    assert chunks[-1].endswith("```\nDone.")


def test_the_closing_fence_alone_begins_no_chunk() -> None:
    text = "```\n" + "x" * 20 + "\n" + "y" * 20 + "\n```\nafter"

    assert split(text, 49) == [f"```\n{'x' * 20}\n{'y' * 20}\n```", "after"]


def test_paragraphs_go_before_lines_lines_before_sentences_sentences_before_words() -> None:
    assert split("One two.\n\nThree four five", 20) == ["One two.\n\nThree four", "five"]
    assert split("One two three.\n\nFour five six", 20) == ["One two three.", "Four five six"]
    assert split("One two three.\nFour five six", 20) == ["One two three.", "Four five six"]
    assert split("One two three. Four five six", 20) == ["One two three.", "Four five six"]


def test_indentation_after_a_line_break_is_kept() -> None:
    assert split("def f():\n    return 1", 12) == ["def f():", "    return 1"]


@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "\u200b\u200e", "\x00\x07"])
def test_a_text_that_shows_nothing_has_no_chunks(text: str) -> None:
    assert split(text, 10) == []
    assert split(text * 50, 10) == []


def test_a_limit_that_no_character_fits_in_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        split("hello", 3, "bytes")


def test_a_megabyte_is_split_in_one_pass() -> None:
    text = "word " * 200_000

    assert sum(len(chunk.split()) for chunk in split(text, 4096, "utf16")) == 200_000
