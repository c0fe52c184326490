"""Fakes that ship beside the seam: a service to run adapters against, platforms to run it on.

`FakeService` stands in for the service. `PushPlatform` is the server side of a push platform,
as strict as a real one; `PushAdapter` is its adapter, in memory (`FakePushAdapter`) or over HTTP
(`HttpPushAdapter`), where the platform outlives a killed service. `PullAdapter` and `PullClient`
are a pull platform and one of its clients. No module here knows a real platform.
"""

from adapters.testing.context import FakeEvents, FakeForms, FakeWording, fake_context
from adapters.testing.platform import (
    Failure,
    PlatformError,
    PushPlatform,
    SendAttempt,
    Update,
)
from adapters.testing.pull import FakePullAdapter, PullClient
from adapters.testing.push import (
    NO_ANSWER,
    FakePushAdapter,
    HttpPushAdapter,
    PushAdapter,
    fake_push_adapter,
)
from adapters.testing.service import Answer, FakeService, MemoryState, MemoryStates

__all__ = [
    "NO_ANSWER",
    "Answer",
    "Failure",
    "FakeEvents",
    "FakeForms",
    "FakePullAdapter",
    "FakePushAdapter",
    "FakeService",
    "FakeWording",
    "HttpPushAdapter",
    "MemoryState",
    "MemoryStates",
    "PlatformError",
    "PullClient",
    "PushAdapter",
    "PushPlatform",
    "SendAttempt",
    "Update",
    "fake_context",
    "fake_push_adapter",
]
