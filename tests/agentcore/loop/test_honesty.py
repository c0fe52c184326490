"""What counts as saying that something was saved."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agentcore.loop.honesty import claims_a_save

CLAIMS = Path(__file__).parent / "claims.txt"


def _table() -> list[tuple[str, str, bool]]:
    lines = [line for line in CLAIMS.read_text("utf-8").splitlines() if line[:2] in {"+ ", "- "}]
    return [(*_asked_and_said(line[2:]), line.startswith("+")) for line in lines]


def _asked_and_said(text: str) -> tuple[str, str]:
    asked, arrow, said = text.partition(" => ")
    return (asked.removeprefix("? "), said) if arrow else ("", text)


TABLE = _table()


def test_each_sentence_of_the_table_is_told_for_what_it_is() -> None:
    wrong = [said for asked, said, claims in TABLE if claims_a_save(said, asked) is not claims]
    assert wrong == []


def test_the_table_has_both_kinds_in_both_languages() -> None:
    assert sum(claims for _, _, claims in TABLE) >= 90
    assert sum(not claims for _, _, claims in TABLE) >= 90


@given(st.text() | st.text(st.sampled_from("Ihave 'llnotedsaved it.,\n\"`>-"), max_size=300))
def test_any_text_at_all_is_read(text: str) -> None:
    claims_a_save(text, text)


def test_a_long_answer_is_read_in_no_time() -> None:
    assert not claims_a_save("i have added your " * 20_000)
    assert not claims_a_save("das ist mir " * 20_000, "what " * 20_000)
