"""The table of targets and the sections of RESULTS.md, and what a run makes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import targets
from benchmarks.__main__ import BENCHMARKS, Benchmark, Options, main
from benchmarks.figures import Figure, Target, reached, unmeasured
from benchmarks.report import Section, report

FAST = Target("a turn", "speed", "≤", (2, 4), "ms", v1="142 ms")
FOUND = Target("recall", "finding", "≥", (71,), "%")
LATER = Target("another database", "", "≥", (150,), "turns/s", reason="nobody has begun")
ORDER = ("speed", "finding", "extra")


def section(name: str, *figures: Figure, failure: str = "") -> Section:
    return Section(name, "today, at abc", f"How {name} is measured.", figures, failure)


def fast(half: float, most: float) -> Figure:
    return reached(FAST, half, most, ours=f"{half:g} / {most:g} ms", floor="1 ms")


def found(share: float) -> Figure:
    return reached(FOUND, share, ours=f"{share:g} %")


def written(
    before: str = "# Results\n",
    *,
    sections: Sequence[Section],
    heading: str = "# Results\n\nToday.\n",
) -> str:
    return report(before, sections, (FAST, FOUND, LATER), order=ORDER, heading=heading)


def cells(text: str, figure: str) -> list[str]:
    """The line of a figure in the table of targets."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {figure} "))
    return [each.strip() for each in line[2:-2].split(" | ")]


@pytest.mark.parametrize(
    ("half", "most", "met"), [(2, 4, True), (2.01, 4, False), (2, 4.01, False), (0, 0, True)]
)
def test_a_target_is_met_when_every_value_is_within_its_bound(
    half: float, most: float, met: bool
) -> None:
    assert fast(half, most).met is met


def test_a_target_from_below_is_met_from_its_bound_on() -> None:
    assert found(71).met is True
    assert found(70.99).met is False


def test_a_value_without_a_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="argument 2 is longer"):
        assert reached(FAST, 1.0, ours="1 ms").met


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert unmeasured(FAST, "no time").met is None
    assert Figure("a", "1").met is None


def test_each_target_has_a_line_that_says_whether_it_is_met() -> None:
    text = written(sections=[section("speed", fast(1, 5)), section("finding", found(72))])
    assert cells(text, "a turn") == [
        "a turn", "1 / 5 ms", "≤ 2 / 4 ms", "**no**", "142 ms", "1 ms", "",
    ]  # fmt: skip
    assert cells(text, "recall")[1:4] == ["72 %", "≥ 71 %", "yes"]
    assert cells(text, "another database")[1] == "not built"
    assert cells(text, "another database")[-1] == "nobody has begun"


def test_a_failure_stands_in_the_table_and_in_its_section() -> None:
    text = written(
        sections=[section("speed", failure="OSError: no"), section("finding", found(72))]
    )
    assert cells(text, "a turn")[1:4] == ["failed: OSError: no", "≤ 2 / 4 ms", "**no**"]
    assert "**failed: OSError: no**" in text.partition("## speed")[2]
    assert cells(text, "recall")[3] == "yes"


def test_a_whole_run_keeps_the_sections_that_it_did_not_measure() -> None:
    before = "# Results\n\nLast year.\n\n## speed\n\nold speed\n\n## extra\n\nan old extra\n"
    text = written(before, sections=[section("speed", fast(1, 2)), section("finding", found(72))])
    assert text.startswith("# Results\n\nToday.\n\n## Targets\n")
    assert "old speed" not in text
    assert "Last year" not in text
    assert text.endswith("## extra\n\nan old extra\n")
    assert text.index("## speed") < text.index("## finding") < text.index("## extra")


def test_a_part_replaces_its_own_section_and_its_own_lines() -> None:
    whole = written(sections=[section("speed", fast(3, 4)), section("finding", found(72))])
    text = written(whole, sections=[section("speed", fast(1, 2))], heading="")
    assert text.startswith("# Results\n\nToday.\n")
    assert cells(text, "a turn")[1] == "1 / 2 ms"
    assert cells(text, "a turn")[3] == "yes"
    assert cells(text, "a turn")[-1] == "today, at abc"
    assert cells(text, "recall") == cells(whole, "recall")
    assert text.partition("## finding")[2] == whole.partition("## finding")[2]
    assert written(text, sections=[section("speed", fast(1, 2))], heading="") == text


def test_what_was_never_measured_says_so() -> None:
    text = written(sections=[section("finding", found(72))], heading="")
    assert cells(text, "a turn")[1] == "not measured"


def test_every_target_is_measured_by_a_benchmark_of_the_whole_run() -> None:
    whole = {name for name, each in BENCHMARKS.items() if each.has_targets}
    assert {each.section for each in targets.TARGETS} - {""} == whole
    assert len({each.figure for each in targets.TARGETS}) == len(targets.TARGETS)
    for each in targets.TARGETS:
        assert bool(each.reason) is not bool(each.section)


def test_every_target_has_a_figure_in_some_benchmark() -> None:
    folder = Path(targets.__file__).parent
    code = [each.read_text("utf-8") for each in folder.glob("*.py") if each.name != "targets.py"]
    names = {name: each for name, each in vars(targets).items() if each in targets.TARGETS}
    assert len(names) == len(targets.TARGETS)
    for name, each in names.items():
        used = re.compile(rf"\b(_?reached|unmeasured)\(\s*{name},")
        assert not each.section or any(used.search(text) for text in code), name


def fail(_: Options) -> list[Figure]:
    raise OSError("no | disk\nleft")


def find(_: Options) -> list[Figure]:
    return [found(72)]


def test_a_benchmark_that_fails_is_told_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {
        "speed": Benchmark(fail),
        "finding": Benchmark(find, "How it is found."),
        "extra": Benchmark(fail, has_targets=False),
    }
    results = tmp_path / "RESULTS.md"
    results.write_text("# Results\n", "utf-8")

    def run(*arguments: str) -> int:
        return main(arguments, known=known, targets=(FAST, FOUND, LATER), results=results)

    assert run() == 1
    text = results.read_text("utf-8")
    assert cells(text, "a turn")[1] == "failed: OSError: no / disk left"
    assert cells(text, "recall")[1:4] == ["72 %", "≥ 71 %", "yes"]
    assert "## extra" not in text
    assert "How it is found." in capsys.readouterr().out
    assert run("finding") == 0
    assert cells(results.read_text("utf-8"), "a turn")[1] == "failed: OSError: no / disk left"


def test_a_quick_run_writes_nothing(tmp_path: Path) -> None:
    known = {"finding": Benchmark(find)}
    assert main(["--quick"], known=known, results=tmp_path / "RESULTS.md") == 0
    assert not list(tmp_path.iterdir())


def test_a_benchmark_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "there is no speed; there are start, turns" in capsys.readouterr().err
