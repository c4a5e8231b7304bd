"""Settings of the test run itself: property tests repeat the same examples, and a slow machine fails none of them."""

from hypothesis import HealthCheck, settings

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
