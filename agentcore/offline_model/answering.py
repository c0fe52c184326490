"""What to say, once there is nothing left to call. Pure.

Invariant: nothing is said to be remembered unless a tool's return says that it was saved.
"""

from __future__ import annotations

import re

from agentcore.offline_model.facts import ASKED_TO_REMEMBER, Fact
from agentcore.offline_model.phrasing import listed, sentence, told
from agentcore.offline_model.planning import Plan, prefix_of
from agentcore.offline_model.questions import Question
from agentcore.offline_model.reading import Lines, Return, Situation
from agentcore.offline_model.searching import quoted_hit

INTRODUCTION = (
    "I'm the built-in offline stand-in: there is no language model behind me, only a few rules. I "
    "can remember what you tell me about yourself and find it again. A real model can be "
    "configured with FAMILIAR_MODEL."
)
MOST_NOTES = 30
_NAME = "Name: "

_ITSELF = (
    "I'm the built-in offline stand-in of this service, with no language model behind me. I "
    "remember facts that you state plainly and look them up again. A real model can be configured "
    "with FAMILIAR_MODEL."
)
_FORGETTING = (
    "Taking things out of my memory is in your hands: /memory lists what I know, "
    "and /undo takes my last edit back."
)
_LEFT_OUT = "I don't keep passwords, PINs or card numbers, so I left that out."
_ASKED_FIRST = "Those words aren't your own, so I ask you before I keep any of it."
_NO_TOOLS = "I can't write anything down in this conversation, so I won't remember that."
_UNKNOWN = "I can't answer that: there is no language model behind me, only a few rules."
_LOST = (
    "I have only simple rules and didn't find anything in that to remember. Try "
    '"I live in …", "my sister is called …" or "remember that …".'
)
_SMALL_TALK = tuple(
    (re.compile(pattern, re.IGNORECASE), reply)
    for pattern, reply in (
        (r"(?:.*\b)?(?:thanks|thank you|thx|cheers)\b.*", "You're welcome."),
        (r"(?:bye|goodbye|good night|see you|see ya|later|cu)\b.*", "See you!"),
        (r"how (?:are you|is it going|do you do)\b.*", "Running as I should, thanks. And you?"),
        (r"(?:i am )?(?:fine|good|great|ok|okay|all good|not bad|well)\b.*", "Good to hear."),
        (
            r"(?:.*\b)?(?:tired|sad|sick|ill|exhausted|stressed|bad day|rough day)\b.*",
            "I'm sorry to hear that.",
        ),
        (
            r"(?:cool|nice|wow|awesome|perfect|lovely|super|lol|haha\w*|:\)|sure|right|exactly)\b.*",
            "Glad to hear it.",
        ),
        (r"(?:test|testing|ping)\b.*", "I'm here."),
    )
)


def answer_to(situation: Situation, plan: Plan) -> str:
    """The text that ends the turn."""
    parts = [INTRODUCTION] if situation.is_first else []
    told_of = [
        *_on_forgetting(plan),
        *_on_edits(situation, plan),
        *(_on_question(question, situation) for question in _distinct(plan.questions)),
    ]
    return "\n\n".join([*parts, " ".join(told_of or [_small_talk(situation, plan)])])


def _on_forgetting(plan: Plan) -> list[str]:
    return [_FORGETTING] if plan.wants_forgetting else []


def _distinct(questions: tuple[Question, ...]) -> list[Question]:
    return [q for place, q in enumerate(questions) if q not in questions[:place]]


def _on_edits(situation: Situation, plan: Plan) -> list[str]:
    saved: list[Fact] = []
    failed: list[Return] = []
    edits = [call for call in plan.calls if call.facts]
    returns = [r for r in situation.returns if r.name != "conversation_search"]
    for place, call in enumerate(edits):
        outcome = returns[place] if place < len(returns) else None
        if outcome is not None and outcome.saved:
            saved.extend(call.facts)
        elif outcome is not None:
            failed.append(outcome)
    parts = _on_saved(saved, situation.speaker)
    if any(outcome.held for outcome in failed):
        parts.append(_ASKED_FIRST)
    else:
        parts += [f"I couldn't save that. {_first_line(outcome.text)}" for outcome in failed[:1]]
    if plan.known:
        parts.append(f"I know: {listed(_phrases(plan.known, situation.speaker))}.")
    if plan.unsaved:
        parts.append(_NO_TOOLS)
    return [*parts, _LEFT_OUT] if plan.has_secret else parts


def _on_saved(saved: list[Fact], speaker: str | None) -> list[str]:
    parts = []
    prefix = prefix_of(speaker)
    lines = [fact.line.removeprefix(prefix) for fact in saved]
    names = [line[len(_NAME) :] for line in lines if line.startswith(_NAME)]
    asked = [line for line in lines if line.startswith(ASKED_TO_REMEMBER)]
    rest = [told(line) for line in lines if not line.startswith((_NAME, ASKED_TO_REMEMBER))]
    if names:
        parts.append(f"Nice to meet you, {names[-1]}.")
    if rest:
        parts.append(f"I'll remember that {listed(rest)}.")
    elif names:
        parts.append("I'll remember your name.")
    parts += [f'Noted: "{line.removeprefix(ASKED_TO_REMEMBER)}"' for line in asked]
    return parts


def _phrases(facts: tuple[Fact, ...], speaker: str | None) -> list[str]:
    return [told(fact.line.removeprefix(prefix_of(speaker))) for fact in facts]


def _first_line(text: str) -> str:
    return " ".join(text.partition("\n")[0].split())[:200]


def _on_question(question: Question, situation: Situation) -> str:
    match question.kind:
        case "itself":
            return _ITSELF
        case "everything":
            return _everything(_notes(situation))
        case "unknown":
            return _UNKNOWN
        case "notes" | "past":
            return _looked_up(question, situation)


def _notes(situation: Situation) -> Lines:
    """The notes on the person who speaks: in a group, only lines that begin with their name."""
    prefix = prefix_of(situation.speaker)
    mine = (line for line in situation.now if line.strip() and line.startswith(prefix))
    return tuple(line.removeprefix(prefix) for line in mine)


def _everything(notes: Lines) -> str:
    if not notes:
        return "I know nothing about you yet."
    known = "\n".join(f"- {sentence(told(line))}" for line in notes[:MOST_NOTES])
    more = len(notes) - MOST_NOTES
    rest = f"\n… and {more} more: /memory shows them all." if more > 0 else ""
    return f"This is what I know about you:\n{known}{rest}"


def _looked_up(question: Question, situation: Situation) -> str:
    hits = question.found_in(_notes(situation)) or question.found_in(situation.others)
    if hits:
        return " ".join(sentence(told(line)) for line in hits[:5])
    found = next((r for r in situation.returns if r.name == "conversation_search"), None)
    if found is None:
        return "I don't know that. Tell me, and I'll remember it."
    hit = quoted_hit(found.text, question.terms, situation.said)
    if hit is None:
        return "I don't know that: neither my notes nor our conversations say it."
    who = "you" if hit.who in {"user", situation.speaker} else hit.who
    return f'I looked through our conversations. On {hit.date} {who} said: "{hit.text}"'


def _small_talk(situation: Situation, plan: Plan) -> str:
    for clause in plan.clauses:
        for pattern, reply in _SMALL_TALK:
            if pattern.fullmatch(clause.text):
                return reply
    if any(clause.greets for clause in plan.clauses) or not plan.clauses:
        notes = _notes(situation)
        name = next((line[len(_NAME) :] for line in notes if line.startswith(_NAME)), None)
        return f"Hello, {name}!" if name else "Hello!"
    return _LOST
