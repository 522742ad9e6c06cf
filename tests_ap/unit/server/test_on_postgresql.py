"""What holds on SQLite holds on PostgreSQL: the same tests, on the other database."""

from tests_ap.unit.server import (
    test_administration,
    test_callers,
    test_deletion,
    test_fuzz,
    test_import,
    test_keys,
    test_leases,
    test_limits,
    test_merging_worker,
    test_queue,
    test_reads,
    test_submissions,
)
from tests_ap.unit.server.rig import OnPostgreSQL, ServerCase


def _again(module: object, *names: str) -> dict[str, type[ServerCase]]:
    """Return the classes of a module's tests, all or those named, with PostgreSQL under the server."""
    return {
        f"{name}OnPostgreSQL": type(f"{name}OnPostgreSQL", (OnPostgreSQL, case), {"__module__": __name__})
        for name, case in vars(module).items()
        if isinstance(case, type)
        and issubclass(case, ServerCase)
        and case.__module__ == getattr(module, "__name__", "")
        and (not names or name in names)
    }


for tested in (
    test_deletion,
    test_fuzz,
    test_import,
    test_leases,
    test_merging_worker,
    test_queue,
    test_reads,
    test_submissions,
):
    globals().update(_again(tested))
globals().update(_again(test_administration, "LogTest"))
globals().update(_again(test_callers, "ValidatorTest", "StakeTest"))
globals().update(_again(test_keys, "RotationTest"))
globals().update(_again(test_limits, "ManyRequestsTest", "ImportQuotaTest"))
