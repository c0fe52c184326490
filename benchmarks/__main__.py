"""`python -m benchmarks [name …] [--quick] [--install]`: measure, print, write RESULTS.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from agentcore.litellm_model import LitellmEmbedder
from agentcore.model import Embedder
from agentcore.providers import ProviderConfig
from benchmarks import (
    crowd,
    evidence,
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
from benchmarks.figures import Figure, heading, table

RESULTS = Path(__file__).with_name("RESULTS.md")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks that are named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help="start, turns, rest, window, crowd, visitors, writers, search, recall, year, size",
    )
    parser.add_argument("--quick", action="store_true", help="few rounds; nothing is written")
    parser.add_argument("--install", action="store_true", help="size: in a new environment")
    parser.add_argument(
        "--data", type=Path, default=evidence.DATA, help="recall: conversations in LoCoMo's form"
    )
    parser.add_argument(
        "--scripts", type=Path, default=rest.SCRIPTS, help="rest: fake_llm.py and rest_bench.py"
    )
    parser.add_argument(
        "--model-python", default=sys.executable, help="rest: the Python that fake_llm.py runs on"
    )
    parser.add_argument("--embedding-model", help="recall: with this model of litellm's, too")
    parser.add_argument("--embedding-url", help="recall: an OpenAI-compatible server to ask")
    given = parser.parse_args(arguments)
    embedder = None
    if given.embedding_model:
        config = ProviderConfig(given.embedding_model, api_base=given.embedding_url)
        embedder = LitellmEmbedder(config)
    known = benchmarks(
        quick=given.quick,
        install=given.install,
        data=given.data,
        scripts=given.scripts,
        model_python=given.model_python,
        embedder=embedder,
    )
    if unknown := set(given.names) - known.keys():
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; see --help")
    sections = []
    for name, measure in known.items():
        if given.names and name not in given.names:
            continue
        sections.append(f"## {name}\n\n{table(measure())}")
        sys.stdout.write(sections[-1] + "\n")
        sys.stdout.flush()
    if not given.quick and not given.names:
        RESULTS.write_text("\n".join([heading("Results"), *sections]), "utf-8")


def benchmarks(
    *,
    quick: bool,
    install: bool,
    data: Path = evidence.DATA,
    scripts: Path = rest.SCRIPTS,
    model_python: str = sys.executable,
    embedder: Embedder | None = None,
) -> dict[str, Callable[[], list[Figure]]]:
    return {
        "start": lambda: start.measure(quick=quick),
        "turns": lambda: turns.measure(quick=quick),
        "rest": lambda: rest.measure(scripts=scripts, python=model_python, quick=quick),
        "window": lambda: window.measure(quick=quick),
        "crowd": lambda: crowd.measure(quick=quick),
        "visitors": lambda: visitors.measure(quick=quick),
        "writers": lambda: writers.measure(quick=quick),
        "search": lambda: search.measure(quick=quick),
        "recall": lambda: evidence.measure(data=data, quick=quick, embedder=embedder),
        "year": lambda: year.measure(quick=quick),
        "size": lambda: size.measure(quick=quick, install=install),
    }


if __name__ == "__main__":
    main()
