"""How many examples a test tries."""

from __future__ import annotations

from hypothesis import HealthCheck, settings


def examples(count: int) -> settings:
    """So many in the suite, where a profile's hundred counts as one; more in a campaign."""
    many = settings().max_examples
    return settings(
        max_examples=max(1, count * many // 100),
        derandomize=many == 100,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
            HealthCheck.function_scoped_fixture,
        ],
    )
