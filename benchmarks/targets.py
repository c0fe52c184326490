"""What is to be reached, a line for each figure.

V1 is the retired Letta V1 server 0.16.8, tuned, on PostgreSQL, measured on two shared cores (± 30 %).
A floor is what a bare call of the same model through litellm takes, in the same run.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Target

COLD_START = Target(
    "cold start to the first 200 of `/readyz`", "start", "≤", (2,), "s", v1="17-22 s"
)
MEMORY_BARE = Target(
    "memory at start, no platform, no model", "start", "≤", (120,), "MiB", v1="457 MiB"
)
MEMORY_PLATFORMS = Target(
    "memory with Telegram and Discord connected, no model", "start", "≤", (170,), "MiB"
)
MEMORY_LITELLM = Target("memory with litellm after load", "start", "≤", (330,), "MiB", v1="505 MiB")
SIZE = Target(
    "packages / size of the environment", "size", "≤", (120, 600), "MB", v1="261 / 843 MB"
)
CREATE = Target("create agent, p50 / p99", "rest", "≤", (4, 15), "ms", v1="37 / 65 ms")
TURN = Target("turn, p50 / p99", "rest", "≤", (2, 4), "floors", v1="142 / 193 ms")
EDIT = Target("turn with a memory edit, p50", "rest", "≤", (2,), "floors", v1="291 ms")
THROUGHPUT = Target(
    "turns/s with 1 / 16 / 64 agents",
    "rest",
    "≥",
    (0.5, 0.5, 0.5),
    "floors",
    v1="4.7 / 6.4 / 6.6",
)
FIRST_TOKEN = Target("first streamed token, p50", "rest", "≤", (12,), "ms", v1="97 ms")
KEPT = Target("edits kept of 8 messages at once", "rest", "≥", (8,), "of 8", v1="1 of 8")
HISTORY = Target(
    "turn minus floor, 10 → 1,000 → 100,000 messages",
    "grown",
    "≤",
    (1.2,),
    "times from first to last",
    v1="209 → 530 ms (whole turn)",
)
AGENTS = Target(
    "turn among 10 → 1,000 → 100,000 agents",
    "grown",
    "≤",
    (1.2,),
    "times from first to last",
    v1="166 → 158 ms",
)
STATEMENTS = Target(
    "SQL statements, plain turn / with one memory edit", "turns", "≤", (18, 26), v1="154-187 / 307"
)
REPLY = Target("update → reply handed over, p50 / p99", "turns", "≤", (25, 80), "ms")
PREFIX = Target(
    "share of a prompt that was the one before, mean",
    "window",
    "≤",
    (0.003,),
    "below perfect",
    v1=".977",
)
PREFIX_EDIT = Target("the same after a memory edit, least", "window", "≥", (0.95,), v1=".81")
MONTH = Target("a person's month, prompts at $3 per M tokens", "window", "≤", (10,), "$")
SEARCH = Target("search at 1 M messages, p95", "search", "≤", (10,), "ms")
APPEND = Target("append a message at 1 M, p95", "search", "≤", (1,), "ms")
KILLS = Target("kill -9, 20 times: lost / second turns / resends per kill", "kills", "≤", (0, 0, 1))
POSTGRES = Target(
    "PostgreSQL, 2 workers, model without delay",
    "",
    "≥",
    (150,),
    "turns/s",
    reason="the service runs on SQLite alone; on PostgreSQL its storage functions are only tested",
)
_RECALL = "R@5 / R@10 / R@20 / NDCG@10"
RECALL = Target(
    f"recall, no model: {_RECALL}", "recall", "≥", (71, 78.5, 83.5, 64), v1="0 / 0 / 0 / 0"
)
RECALL_MEANING = Target(f"recall, with embeddings: {_RECALL}", "recall", "≥", (74, 81, 86, 65))
RECALL_NAMELESS = Target("recall without any name: R@10", "recall", "≥", (74,))
RECALL_SAFE = Target("odd queries that fail / hits from another agent", "recall", "≤", (0, 0))

TARGETS: Sequence[Target] = (
    COLD_START,
    MEMORY_BARE,
    MEMORY_PLATFORMS,
    MEMORY_LITELLM,
    SIZE,
    CREATE,
    TURN,
    EDIT,
    THROUGHPUT,
    FIRST_TOKEN,
    HISTORY,
    AGENTS,
    STATEMENTS,
    PREFIX,
    PREFIX_EDIT,
    KEPT,
    REPLY,
    SEARCH,
    APPEND,
    KILLS,
    MONTH,
    POSTGRES,
    RECALL,
    RECALL_MEANING,
    RECALL_NAMELESS,
    RECALL_SAFE,
)
