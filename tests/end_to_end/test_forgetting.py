"""A person is forgotten, with real processes: no file of the service knows their words any more."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from tests.end_to_end.home import Home

SECRET = "My name is Ada and my secret word is Quetzalcoatl."
TRACES = (b"Quetzalcoatl", b"quetzalcoatl", b"uetzalcoatl", b"local:ada")


def left_in(folder: Path, traces: tuple[bytes, ...] = TRACES) -> set[tuple[str, bytes]]:
    """Which files hold which of the traces."""
    return {
        (path.name, trace)
        for path in folder.rglob("*")
        if path.is_file()
        for trace in traces
        if trace in path.read_bytes()
    }


def code_in(out: str) -> str:
    return str(re.findall(r"/delete (\d{4})", out)[-1])


@pytest.mark.parametrize("served", [False, True], ids=["alone", "served"])
def test_a_conversation_that_ends_with_delete_leaves_nothing(home: Home, *, served: bool) -> None:
    def conversation() -> None:
        assert "Nice to meet you, Ada" in home.chat(SECRET).out
        assert home.chat("I am Bob, I like zithers", user="bob").code == 0
        asked = home.chat("/delete")
        wrong = home.chat("/delete 12345")
        assert left_in(home.data)
        done = home.chat(f"/delete {code_in(asked.out)}", "/delete", "What is my name?")
        assert "nothing was erased" in wrong.out
        assert "Everything about you is erased here" in done.out
        assert "nothing is left in their unused space" in done.out
        assert "There is nothing stored about you." in done.out
        assert "Ada" not in done.out.partition("There is nothing stored")[2]
        assert done.code == 0

    if served:
        with home.serving() as service:
            conversation()
            assert b"Quetzalcoatl" not in b"".join(
                path.read_bytes() for path in home.data.iterdir() if path.is_file()
            )
            assert service.stop() == 0
    else:
        conversation()
    gone = tuple(trace for trace in TRACES if trace != b"local:ada")  # she has written again
    assert left_in(home.data, gone) == set()
    assert left_in(home.data, (b"zithers",))


def test_an_operator_forgets_somebody_while_the_service_runs(home: Home) -> None:
    with home.serving():
        assert home.chat(SECRET).code == 0
        (person,) = json.loads(home.run("users", "list", "--json").out)
        (home.data / "chat-history").write_text(SECRET)

        unsure = home.run("users", "forget", person["id"], given="n\n")
        assert unsure.code == 1
        assert "nothing was erased" in unsure.err
        receipt = home.run("users", "forget", person["id"], "--yes", "--json")
        again = home.run("users", "forget", person["id"], "--yes")

        told = json.loads(receipt.out)
        assert told["deleted"]["message"] >= 2
        assert told["files"]["clean"] is True
        assert "ada" not in receipt.out.lower()
        assert person["id"] not in receipt.out
        assert again.code == 1
        assert "There is no user" in again.err
        assert left_in(home.data) == set()


def test_an_operator_forgets_somebody_without_a_service(home: Home) -> None:
    assert home.chat(SECRET).code == 0
    (person,) = json.loads(home.run("users", "list", "--json").out)
    receipt = home.run("users", "forget", person["id"], "--yes")
    assert receipt.code == 0
    assert "The database's files are clean" in receipt.out
    assert left_in(home.data) == set()
    assert json.loads(home.run("users", "list", "--json").out) == []


def test_a_service_that_is_killed_at_once_afterwards_still_knows_nothing(home: Home) -> None:
    with home.serving() as service:
        assert home.chat(SECRET).code == 0
        code = code_in(home.chat("/delete").out)
        assert "erased here" in home.chat(f"/delete {code}").out
        service.stop(signal.SIGKILL)
    with home.serving() as service:
        assert "nothing stored" in home.chat("/delete").out
        assert service.stop() == 0
    assert left_in(home.data) == set()
