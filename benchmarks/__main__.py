"""`python -m benchmarks`: measure everything that has a target, and write RESULTS.md.

    python -m benchmarks                 all targets in one run, half an hour on two cores
    python -m benchmarks rest search     these alone; replaces their sections
    python -m benchmarks year            one of those without targets, which run only when named
    python -m benchmarks --quick         a few rounds of each; nothing is written

Nothing has to be running. Only the search with embeddings needs a model: `--embedding-model
openai/NAME --embedding-url http://127.0.0.1:PORT/v1` names a server that speaks OpenAI's form. The
data of the search are no part of the project (`--data`). What can't be measured is told in its
line. A benchmark that fails is told, too; the others go on, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentcore.litellm_model import LitellmEmbedder
from agentcore.model import Embedder
from agentcore.providers import ProviderConfig
from benchmarks import (
    crowd,
    evidence,
    grown,
    kills,
    rest,
    search,
    size,
    start,
    turns,
    visitors,
    window,
    writers,
    year,
)
from benchmarks.figures import Figure, Target, commit, load, machine, now
from benchmarks.report import Section, report
from benchmarks.targets import TARGETS

RESULTS = Path(__file__).with_name("RESULTS.md")
LONGEST_FAILURE = 200


@dataclass(frozen=True, slots=True)
class Options:
    """What a run was asked for."""

    quick: bool = False
    data: Path = evidence.DATA
    keep: Path | None = None
    embedder: Embedder | None = None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One of them: how it measures, what is to be known of that, and whether it has targets."""

    measure: Callable[[Options], Sequence[Figure]]
    about: str = ""
    has_targets: bool = True


BENCHMARKS: Mapping[str, Benchmark] = {
    "start": Benchmark(lambda given: start.measure(quick=given.quick), start.ABOUT),
    "turns": Benchmark(lambda given: turns.measure(quick=given.quick), turns.ABOUT),
    "rest": Benchmark(lambda given: rest.measure(quick=given.quick), rest.ABOUT),
    "grown": Benchmark(lambda given: grown.measure(quick=given.quick), grown.ABOUT),
    "window": Benchmark(lambda given: window.measure(quick=given.quick), window.ABOUT),
    "kills": Benchmark(lambda given: kills.measure(quick=given.quick), kills.ABOUT),
    "search": Benchmark(
        lambda given: search.measure(quick=given.quick, keep=given.keep), search.ABOUT
    ),
    "recall": Benchmark(
        lambda given: evidence.measure(data=given.data, quick=given.quick, embedder=given.embedder),
        evidence.ABOUT,
    ),
    "size": Benchmark(lambda given: size.measure(quick=given.quick), size.ABOUT),
    "crowd": Benchmark(
        lambda given: crowd.measure(quick=given.quick), crowd.ABOUT, has_targets=False
    ),
    "visitors": Benchmark(
        lambda given: visitors.measure(quick=given.quick), visitors.ABOUT, has_targets=False
    ),
    "writers": Benchmark(
        lambda given: writers.measure(quick=given.quick), writers.ABOUT, has_targets=False
    ),
    "year": Benchmark(lambda given: year.measure(quick=given.quick), year.ABOUT, has_targets=False),
}


def main(
    arguments: Sequence[str] | None = None,
    *,
    known: Mapping[str, Benchmark] = BENCHMARKS,
    targets: Sequence[Target] = TARGETS,
    results: Path = RESULTS,
) -> int:
    """Run the benchmarks that are named, or all with a target. Returns the exit code."""
    parser = _parser(known)
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - known.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    chosen = [
        name
        for name, each in known.items()
        if name in given.names or (not given.names and each.has_targets)
    ]
    began, before = time.perf_counter(), load()
    sections = [measured(name, known[name], _options(given)) for name in chosen]
    if not given.quick:
        heading = ""
        if not given.names:
            took = (time.perf_counter() - began) / 60
            heading = (
                "# Results\n\n"
                f"`python -m benchmarks` measured in one run what has a target: {now()}, commit "
                f"{commit()}, {took:.0f} minutes.\n"
                f"{machine()}; load average {before} before, {load()} after.\n"
            )
        text = report(
            results.read_text("utf-8"), sections, targets, order=[*known], heading=heading
        )
        results.write_text(text, "utf-8")
    return 1 if any(each.failure for each in sections) else 0


def measured(name: str, benchmark: Benchmark, options: Options) -> Section:
    """Run one; whatever it raises is its section's failure."""
    gc.collect()
    gc.freeze()  # what earlier ones left isn't looked through again
    began, before, failure = time.perf_counter(), load(), ""
    figures: Sequence[Figure] = ()
    try:
        figures = benchmark.measure(options)
    except Exception as error:  # noqa: BLE001 -- the others are still to be measured
        traceback.print_exc()
        failure = " ".join(f"{type(error).__name__}: {error}".replace("|", "/").split())
        failure = failure[:LONGEST_FAILURE]
    when = (
        f"{now()}, commit {commit()}, {time.perf_counter() - began:.0f} s; "
        f"load average {before} before, {load()} after."
    )
    section = Section(name, when, benchmark.about, figures, failure)
    sys.stdout.write(f"## {name}\n\n{section.text()}\n")
    sys.stdout.flush()
    return section


def _options(given: argparse.Namespace) -> Options:
    embedder = None
    if given.embedding_model:
        config = ProviderConfig(given.embedding_model, api_base=given.embedding_url)
        embedder = LitellmEmbedder(config)
    return Options(given.quick, given.data, given.keep, embedder)


def _parser(known: Mapping[str, Benchmark]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=", ".join(known),
    )
    parser.add_argument("--quick", action="store_true", help="few rounds; nothing is written")
    parser.add_argument(
        "--data", type=Path, default=evidence.DATA, help="recall: conversations in LoCoMo's form"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="search: keep the file of a million messages"
    )
    parser.add_argument("--embedding-model", help="recall: with this model of litellm's, too")
    parser.add_argument("--embedding-url", help="recall: an OpenAI-compatible server to ask")
    return parser


if __name__ == "__main__":
    sys.exit(main())
