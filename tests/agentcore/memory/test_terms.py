"""What a text is found by, in many languages: each query finds its text among all the others."""

# ruff: noqa: RUF001 (letters of other scripts look like Latin ones)

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentcore.clock import Micros
from agentcore.memory.moments import asks_time, date_words, tells_time
from agentcore.memory.terms import MAX_TERM, counted, language_of, query_terms, terms_of, words_of

FOUND = [
    ("We adopted two kittens", "kitten"),
    ("She was running along the river", "who runs along rivers"),
    ("Caroline\u2019s recipe is the best", "caroline recipes"),
    ("Wir haben zwei Katzen und einen Hund", "Katze"),
    ("Ich wohne in München", "wohnst Munchen"),
    ("Mi hermana trabajaba en una biblioteca", "¿Dónde trabaja tu hermana?"),
    ("Vivo en Málaga desde hace años", "malaga"),
    ("Nous avons mangé à l'école", "manger école"),
    ("Mes chevaux sont dans la prairie", "cheval"),
    ("Abbiamo comprato due biciclette", "bicicletta comprare"),
    ("Minha irmã estuda em Coimbra", "irma estudar"),
    ("Wij hebben twee honden en een kat", "hond"),
    ("Jag har två katter och en hund", "katt"),
    ("Моя собака живёт в Лиссабоне", "собаки Лиссабон"),
    ("أعيش في لشبونة مع أصدقائي", "لشبونة"),
    ("मेरी बिल्लियाँ घर में हैं", "बिल्लियाँ"),
    ("我养了一只猫", "猫"),
    ("我住在里斯本", "你在里斯本吗"),
    ("リスボンに住んでいます", "リスボン"),
    ("제 고양이는 리스본에 있어요", "고양이 리스본"),
    ("ผมอยู่ที่ลิสบอน", "ลิสบอน"),
    ("Η γάτα μου λέγεται Μίτσι", "γάτας"),
    ("Mam dwa koty i psa", "koty"),
    ("Kedim çok güzel ve adı Pamuk", "pamuk"),
]


def matches(query: str, text: str) -> int:
    """How many of the query's words the text holds."""
    terms = terms_of(text)
    return sum(any(form in terms for form in forms) for forms in query_terms(query))


@pytest.mark.parametrize(("text", "query"), FOUND)
def test_other_forms_of_a_word_find_it_in_any_language(text: str, query: str) -> None:
    best = max(matches(query, each) for each, _ in FOUND)
    assert matches(query, text) == best > 0
    assert [each for each, _ in FOUND if matches(query, each) == best] == [text]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I moved to München and I like it", "en"),
        ("Das ist mein Hund", "de"),
        ("¿Cómo está tu hermana?", "es"),
        ("J'habite à l'école", "fr"),
        ("Non so che cosa fare", "it"),
        ("Quero aprender a tocar violão", "pt"),
        ("Het is een mooie dag", "nl"),
        ("Jag vet inte vad du menar", "sv"),
        ("Nie wiem, czy to jest mój kot", "pl"),
        ("Bu çok güzel ama pahalı", "tr"),
    ],
)
def test_the_language_is_told_by_common_words(text: str, language: str) -> None:
    assert language_of(words_of(text)) == language


def test_what_does_not_tell_its_language_has_that_of_what_was_said_before() -> None:
    words = words_of("Katzen!")
    assert language_of(words) == "en"
    assert language_of(words, "de") == "de"
    assert counted(words, "de").keys() <= {form for forms in query_terms("Katze") for form in forms}


def test_a_word_of_one_language_is_not_mistaken_for_another_s() -> None:
    assert matches("Noten", "Das ist not my cup of tea") == 0
    assert matches("die", "Die Katze schläft auf dem Sofa") == 1, "a word alone is looked for"


def test_stop_words_are_left_out_unless_there_is_nothing_else() -> None:
    assert [forms[0] for forms in query_terms("what did you say about the boat")] == ["say", "boat"]
    assert [forms[0] for forms in query_terms("who are you")] == ["who", "are", "you"]
    assert query_terms("?!  \n") == ()
    assert query_terms("") == ()


def test_dates_are_found_however_they_are_written() -> None:
    day = Micros(1_683_504_000_000_000)
    assert date_words(day, None) == ("8", "may", "2023", "monday")
    terms = counted(date_words(day, None))
    for query in (
        "8 May 2023",
        "2023-05-08",
        "8. Mai",
        "lundi",
        "el 8 de mayo",
        "5月8日",
        "8 мая",
    ):
        assert any(form in terms for forms in query_terms(query) for form in forms), query


@pytest.mark.parametrize(
    "question", ["when was it", "for how long", "wann war das", "¿cuándo fue?", "什么时候", "いつ"]
)
def test_a_question_for_a_time_is_known(question: str) -> None:
    assert asks_time(question)
    assert not asks_time("where was it")


@pytest.mark.parametrize(
    "text", ["we met in 2019", "yesterday", "letzte woche", "去年", "am montag"]
)
def test_what_tells_of_a_time_is_known(text: str) -> None:
    assert tells_time(text)
    assert not tells_time("we met an old friend")


@given(st.text(max_size=300))
@example("İstanbul'da \u0301\u0301 ﷽ \U0001f6a2 '' ' a'b'c")
@example("x" * 10_000)
def test_any_text_has_terms_and_finds_itself(text: str) -> None:
    terms = terms_of(text)
    assert all(0 < len(term) <= MAX_TERM + 8 for term in terms)
    forms = query_terms(text, limit=1_000)
    assert bool(forms) == bool(terms)
    if forms:
        assert matches(text, text) > 0
