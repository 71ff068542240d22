from hypothesis import HealthCheck, settings

import attention_vat  # noqa: F401  (registers all parts)

# The machine that runs the tests may be slow or busy, and a failure must come back when the test is run again.
settings.register_profile(
    "attention_vat",
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("attention_vat")
