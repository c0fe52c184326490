from __future__ import annotations

from typing import get_args

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


@given(TEXTS, st.integers(MIN_LIMIT, 120), UNITS)
def test_no_chunk_is_longer_than_the_limit_and_each_shows_something(
    text: str, limit: int, unit: Unit
) -> None:
    for chunk in split(text, limit, unit):
        assert length(chunk, unit) <= limit
        assert has_visible(chunk)


@given(TEXTS, st.integers(MIN_LIMIT, 120), UNITS)
def test_all_visible_characters_arrive_in_order(text: str, limit: int, unit: Unit) -> None:
    assert visible("".join(split(text, limit, unit))) == visible(text)


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=10), min_size=1, max_size=60))
def test_words_stay_whole(words: list[str]) -> None:
    chunks = split(" ".join(words), 24)

    assert [word for chunk in chunks for word in chunk.split()] == words


CLUSTERS = [
    pytest.param("👩‍👩‍👧", id="joined"),
    pytest.param("🇵🇹", id="a flag"),
    pytest.param("🇦🇿", id="the flag of the first and the last letter"),
    pytest.param("🏴󠁧󠁢󠁥󠁮󠁧󠁿", id="a flag by tags"),
    pytest.param("🏴\U000e0020\U000e007f", id="a flag by the first and the last tag"),
    pytest.param("👍🏻", id="the lightest skin"),
    pytest.param("👍🏿", id="the darkest skin"),
    pytest.param("e\u0301", id="an accent"),
    pytest.param("1\u20e3", id="a keycap"),
    pytest.param("क\u093e", id="a vowel sign"),
]


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("unit", ["characters", "utf16", "bytes"])
def test_what_is_seen_as_one_character_stays_one(cluster: str, unit: Unit) -> None:
    fits = 3 * length(cluster, unit)
    for limit in range(fits, fits + length(cluster, unit)):
        assert split(cluster * 12, limit, unit) == [cluster * 3] * 4


def test_half_a_flag_holds_no_other_character() -> None:
    assert split("aaa🇵bbb", 4) == ["aaa🇵", "bbb"]


def test_a_flag_behind_letters_is_whole() -> None:
    assert split("abc🇵🇹", 4) == ["abc", "🇵🇹"]
    assert split("abcd🇵🇹", 4) == ["abcd", "🇵🇹"]
    assert split("a🇵🇹🇵🇹", 4) == ["a🇵🇹", "🇵🇹"]


def test_a_text_has_a_length_in_each_unit() -> None:
    text = "aé\uffff👍\ud83d"

    assert length(text) == 5
    assert [length(text, unit) for unit in get_args(Unit)] == [5, 6, 13]


def test_a_cluster_longer_than_the_limit_is_cut_rather_than_dropped() -> None:
    text = "a" + "\u0301" * 50

    assert "".join(split(text, 8)) == text


def test_paragraphs_go_before_lines_lines_before_sentences_sentences_before_words() -> None:
    assert split("One two.\n\nThree four five", 20) == ["One two.\n\nThree four", "five"]
    assert split("One two three.\n\nFour five six", 20) == ["One two three.", "Four five six"]
    assert split("One two three.\nFour five six", 20) == ["One two three.", "Four five six"]
    assert split("One two three. Four five six", 20) == ["One two three.", "Four five six"]


def test_a_better_boundary_counts_in_the_second_half_of_a_chunk() -> None:
    assert split("abcd\nef gh", 8) == ["abcd\nef", "gh"]
    assert split("abcde\nf gh", 8) == ["abcde", "f gh"]


def test_indentation_after_a_line_break_is_kept() -> None:
    assert split("def f():\n    return 1", 12) == ["def f():", "    return 1"]
    assert split("abcdefgh \t \n  ijkl", 8) == ["abcdefgh", "  ijkl"]


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
