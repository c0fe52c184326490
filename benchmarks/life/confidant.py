"""A model that can read the lines of a life: it notes facts, looks for what it has forgotten, sums up
and tidies. Competent, not perfect: of ten facts it forgets to note one, and of thirty it notes one
beside the older one that it should have replaced.

    python -m benchmarks.life.confidant --days 300 --seed 7

serves it as an OpenAI-compatible server. It knows what lines mean because it has the scenario, and
nothing else of it: what is true it has to find in its prompt, its blocks, or by a search.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from agentcore.memory.summary import asks_for_summary, parse_record
from agentcore.memory.tidying import Change, asks_for_tidying, parse_notebook, render_changes
from benchmarks.life import talk
from benchmarks.life.reading import Memory, View, view_of
from benchmarks.life.scenario import Life, Question, Statement, day_of, life
from benchmarks.window import PER_MESSAGE, tokenizer
from tests.simulators.openai_replies import Answer, Body, Call, Reply, Tokens
from tests.simulators.openai_server import OpenAIServer

FORGETS, DOUBLES, OVERLOOKS = 0.10, 0.03, 0.3
"""How often it notes nothing; notes beside the older line; and misses something when it tidies."""
SEARCHES = 2
LONGEST_SUMMARY = 40
"""Lines."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a subject, and on which day it was said; `day` -1: it stands in a block."""

    statement: Statement
    day: int


@dataclass
class Confidant:
    """A brain for the simulated server."""

    life: Life
    count: Callable[[str], int]
    calls: int = 0
    _talk: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __call__(self, body: Body) -> Reply:
        self.calls += 1
        messages: Sequence[dict[str, Any]] = body["messages"]
        head = str(messages[0]["content"])
        if asks_for_summary(head):
            answer = Answer(self._summary(str(messages[1]["content"])))
        elif asks_for_tidying(head):
            answer = Answer(self._tidied(str(messages[1]["content"])))
        else:
            answer = self._answer(view_of(messages))
        return self._counted(answer, body)

    # In the chat

    def _answer(self, view: View) -> Answer:
        text = view.said[-1].text if view.said else ""
        if statement := self.life.statements.get(text):
            return self._heard(view, text, statement)
        if question := self.life.questions.get(text):
            return self._asked(view, question)
        return Answer(self._reply(text))

    def _heard(self, view: View, text: str, statement: Statement) -> Answer:
        """Note it, unless that is done, needless, or forgotten."""
        if view.returns and view.returns[-1].startswith("Saved"):
            return Answer(self._one(talk.THANKS, text))
        if statement.value is not None and statement.note is None:
            return Answer(self._reply(text))
        call = None if len(view.returns) > 1 else self._note(view.memory, text, statement, view)
        return Answer(self._one(talk.THANKS, text)) if call is None else Answer(calls=(call,))

    def _note(self, memory: Memory, text: str, statement: Statement, view: View) -> Call | None:
        if not view.returns and self._happens(text, FORGETS):
            return None
        if statement.note is not None and statement.note in memory.lines:
            return None
        old = next((line for line in memory.lines if self._subject(line) == statement.key), None)
        beside = view.returns or self._happens(f"double {text}", DOUBLES)
        if old is not None and (statement.note is None or not beside):
            given = {"label": "human", "old_string": old, "new_string": statement.note or ""}
            return self._call("memory_replace", given)
        if statement.note is None:
            return None
        return self._call("memory_insert", {"label": "human", "new_string": statement.note})

    def _subject(self, line: str) -> str | None:
        found = self.life.notes.get(line)
        return None if found is None else found.key

    def _asked(self, view: View, question: Question) -> Answer:
        known = self._known(view, question.key)
        if known is None and len(view.returns) < SEARCHES:
            wide = bool(view.returns)
            query = question.text if wide else question.query
            given = {"query": query, "limit": 20 if wide else 5}
            return Answer(calls=(self._call("conversation_search", given),))
        return Answer(_told(known, view.today))

    def _known(self, view: View, key: str) -> Known | None:
        """The newest that is in view: what was said, or, where it is older, what stands in the
        block; else what the summary tells.
        """
        said = [
            Known(statement, day_of(each.day))
            for each in (*view.said[:-1], *view.found)
            if (statement := self.life.statements.get(each.text)) and statement.key == key
        ]
        newest = max(said, key=lambda each: each.day, default=None)
        noted = [line for line in view.memory.lines if self._subject(line) == key]
        if noted:
            note = self.life.notes[noted[-1]]
            # Something newer may have been said and not been noted; what is noted isn't dated.
            return newest if newest is not None else Known(note, -1)
        if newest is not None:
            return newest
        summed = [self.life.notes[each] for each in view.summed if self._subject(each) == key]
        return Known(summed[-1], -1) if summed else None

    def _reply(self, text: str) -> str:
        reply = f"{self._one(talk.REPLIES, text)} {self._one(talk.MORE, text[::-1])}"
        return reply.strip() or "Mm."

    # Apart from it

    def _summary(self, text: str) -> str:
        record = parse_record(text)
        lines = [line for line in record.before.splitlines() if line.strip()]
        for excerpt in record.excerpts:
            statement = self.life.statements.get(excerpt.text)
            if statement is not None and excerpt.by_a_person:
                told = statement.note or f"{statement.key}: {statement.value or 'over'}."
                lines.append(f"{excerpt.when[:10]}: {told}")
        first, last = (record.excerpts[at].when[:10] for at in (0, -1))
        lines.append(f"{last}: they talked about everyday things since {first}.")
        kept = [line for line in lines if "everyday things" not in line]
        return "\n".join([*kept[-LONGEST_SUMMARY:], lines[-1]])

    def _tidied(self, text: str) -> str:
        book = parse_notebook(text)
        today = day_of(date.fromisoformat(book.today))
        lines = [
            each.text for block in book.blocks if block.label == "human" for each in block.lines
        ]
        newest: dict[str, tuple[Statement, int | None]] = {}
        for line in lines:
            if (noted := self.life.notes.get(line)) is not None:
                newest[noted.key] = (noted, None)
        for heard in book.heard:
            said = self.life.statements.get(heard.text)
            if said is not None and (said.note or said.value is None):
                newest[said.key] = (said, heard.number)
        changes = []
        for key, (statement, number) in newest.items():
            over = statement.note is None or (statement.due is not None and statement.due < today)
            there = [line for line in lines if self._subject(line) == key]
            stale = [line for line in there if over or line != statement.note]
            stale += there[:-1] if not stale else []
            wanted = () if over or statement.note in there else (statement.note or "",)
            if (stale or wanted) and not self._happens(f"{key} {book.today}", OVERLOOKS):
                changes.append(Change("human", tuple(stale), wanted, number, "It is newer."))
        return render_changes(changes[:20])

    # Small things

    def _call(self, name: str, given: dict[str, Any]) -> Call:
        return Call(name, json.dumps(given, ensure_ascii=False), f"call_{self.calls}")

    def _happens(self, what: str, share: float) -> bool:
        """The same for the same line, whatever came before."""
        return int(hashlib.sha256(what.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF < share

    def _one(self, texts: str, of: str) -> str:
        listed = self._talk.setdefault(texts, talk.listed(texts))
        return listed[int(hashlib.sha256(of.encode()).hexdigest()[:8], 16) % len(listed)]

    def _counted(self, answer: Answer, body: Body) -> Answer:
        """As a provider counts."""
        prompt = self.count(json.dumps(body["tools"])) if body.get("tools") else 0
        for message in body["messages"]:
            prompt += PER_MESSAGE + self.count(str(message.get("content") or ""))
            for call in message.get("tool_calls") or ():
                prompt += self.count(call["function"]["name"] + call["function"]["arguments"])
        said = answer.text + "".join(call.name + call.arguments for call in answer.calls)
        return Answer(answer.text, answer.calls, Tokens(prompt, self.count(said)), fragment=400)


def _told(known: Known | None, today: date) -> str:
    if known is None:
        return "I don't know that, I'm afraid."
    statement = known.statement
    if statement.value is None:
        return "That is over, as you told me."
    if statement.due is not None and statement.due < day_of(today):
        return f"That was on {statement.value}, so it is over."
    return f"It is {statement.value}."


def cached_tokens() -> Callable[[str], int]:
    """A tokenizer that counts each text once: prompts repeat what they said."""
    return lru_cache(maxsize=100_000)(tokenizer())


async def _serve(of: Life) -> None:
    confidant = Confidant(of, cached_tokens())

    def brain(body: Body) -> Reply:
        server.requests.clear()  # thousands of them, each as long as a window
        server.keys.clear()
        return confidant(body)

    server = OpenAIServer(brain=brain, api_key=None)
    await server.start()
    sys.stdout.write(f"listening on {server.base_url}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    asyncio.run(_serve(life(days=given.days, seed=given.seed)))
