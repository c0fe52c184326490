"""What came of all scenes: results, their sums, and what they cost. Pure.

Costs are in millionths of a US dollar; None where a price isn't known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agentcore.loop.instructions import BASE
from agentcore.loop.window import estimate, estimate_text
from agentcore.model import Price, Usage
from agentcore.templates import Template
from agentcore.tools.toolbox import default_tools
from bot.evaluation.scene import Exchange, Scene

DOLLAR = 1_000_000
ANSWER_TOKENS = 120
_EXCHANGE_TOKENS = 150


@dataclass(frozen=True, slots=True)
class Verdict:
    """A check, and whether it held."""

    text: str
    held: bool


@dataclass(frozen=True, slots=True)
class Result:
    """One scene. `trouble` says why it couldn't be played to its end; `usage` is all its calls'
    together, `calls` steps of the model, `warned` how often it claimed a save before it made one.
    """

    scene: Scene
    verdicts: tuple[Verdict, ...]
    usage: Usage
    calls: int = 0
    warned: int = 0
    trouble: str = ""
    exchanges: tuple[Exchange, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.trouble and all(verdict.held for verdict in self.verdicts)

    @property
    def missed(self) -> tuple[str, ...]:
        return tuple(verdict.text for verdict in self.verdicts if not verdict.held)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All results, in the order of the scenes."""

    model: str
    template: str
    judge: str
    results: tuple[Result, ...]

    @property
    def passed(self) -> int:
        return sum(result.passed for result in self.results)

    @property
    def percent(self) -> float:
        return 100 * self.passed / len(self.results) if self.results else 0.0

    @property
    def usage(self) -> Usage:
        return added([result.usage for result in self.results])

    def as_data(self) -> dict[str, Any]:
        usage = self.usage
        return {
            "model": self.model,
            "template": self.template,
            "judge": self.judge or None,
            "passed": self.passed,
            "scenes": len(self.results),
            "percent": round(self.percent, 1),
            "calls": sum(result.calls for result in self.results),
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "cached_tokens": usage.cached_tokens,
            "cost_usd": dollars(usage.cost),
            "results": [_as_data(result) for result in self.results],
        }

    def by_topic(self) -> Sequence[tuple[str, int, int]]:
        """Topic, passed, all; in the order in which topics first come."""
        topics = dict.fromkeys(result.scene.topic for result in self.results)
        return [
            (
                topic,
                sum(r.passed for r in self.results if r.scene.topic == topic),
                sum(r.scene.topic == topic for r in self.results),
            )
            for topic in topics
        ]


def _as_data(result: Result) -> dict[str, Any]:
    return {
        "scene": result.scene.name,
        "topic": result.scene.topic,
        "about": result.scene.about,
        "passed": result.passed,
        "trouble": result.trouble or None,
        "checks": [{"check": each.text, "held": each.held} for each in result.verdicts],
        "calls": result.calls,
        "claims_without_a_save": result.warned,
        "cost_usd": dollars(result.usage.cost),
        "exchanges": [_said(each) for each in result.exchanges],
    }


def _said(exchange: Exchange) -> dict[str, Any]:
    """What was said and done: a scene's words and the model's, nobody else's."""
    calls = [
        {"tool": use.name, "arguments": dict(use.arguments), "saved": use.saved}
        for use in exchange.uses
    ]
    return {"said": exchange.said, "answer": exchange.answer, "calls": calls}


def dollars(cost: int | None) -> float | None:
    return None if cost is None else cost / DOLLAR


def added(usages: Sequence[Usage]) -> Usage:
    """The sum; an unknown price makes its cost unknown."""
    costs = [each.cost for each in usages if each.cost is not None]
    return Usage(
        prompt_tokens=sum(each.prompt_tokens for each in usages),
        completion_tokens=sum(each.completion_tokens for each in usages),
        cached_tokens=sum(each.cached_tokens for each in usages),
        cost=sum(costs) if len(costs) == len(usages) else None,
    )


def expected(scenes: Sequence[Scene], template: Template, price: Price | None) -> tuple[int, Usage]:
    """How many calls the scenes will take and about how much they use, rather high than low:
    a model that does well makes as many calls as the script that passes.
    """
    tools = estimate([], [tool.schema for tool in default_tools()])
    head = estimate_text(BASE) + estimate_text(template.system) + tools + _EXCHANGE_TOKENS
    calls, prompt = 0, 0
    for scene in scenes:
        known = sum(estimate_text(value) for value in scene.before.blocks.values())
        calls += len(scene.good)
        prompt += len(scene.good) * (head + known + _EXCHANGE_TOKENS * len(scene.says) // 2)
    completion = calls * ANSWER_TOKENS
    cost = None if price is None else price.of(prompt, completion)
    return calls, Usage(prompt, completion, cost=cost)
