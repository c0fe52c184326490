"""The body of tests that every adapter must pass.

Subclass it in your own tests:

    class TestMyAdapter(PushConformance):
        @pytest.fixture
        def harness(self) -> MyHarness:
            return MyHarness()

`AdapterConformance` holds for all; `PushConformance` adds receiving and sending for platforms
that redeliver and are sent to, `ButtonConformance` presses beside either; `StateConformance` is for
implementations of `AdapterState`. A harness plays the platform behind the adapter: a strict
simulator, never the platform itself. All tests are coroutines, for anyio's pytest plugin, so that a
harness may be an asynchronous fixture.
"""

from adapters.conformance.buttons import ButtonConformance
from adapters.conformance.harness import ButtonHarness, Harness, PushHarness, chunk, running
from adapters.conformance.keeping import StateConformance
from adapters.conformance.pushing import PushConformance
from adapters.conformance.receiving import AdapterConformance

__all__ = [
    "AdapterConformance",
    "ButtonConformance",
    "ButtonHarness",
    "Harness",
    "PushConformance",
    "PushHarness",
    "StateConformance",
    "chunk",
    "running",
]
