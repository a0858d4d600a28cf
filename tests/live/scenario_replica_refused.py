#!/usr/bin/python3
"""Replicas that do not follow, and limits for those that are not there: refused, or invalid."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import Server, main, run  # noqa: E402
from scenario_replica import prepared  # noqa: E402


def test_one_that_does_not_follow_is_refused():
    with Server() as server, Server() as other:
        server.arm()
        other.sql("SELECT 1")
        result = run(["run"], prepared(server.dsn(), [other.dsn()]))
        assert result.code == 3 and "replica" in result.err and "no heartbeat" in result.err, (result.code, result.err)
        result = run(["run"], prepared(server.dsn(), [server.dsn()]))
        assert result.code == 3 and "the primary itself" in result.err, (result.code, result.err)
        assert server.sql("SELECT to_regclass('orders') IS NULL") == "t"


def test_a_limit_without_a_replica_is_invalid():
    result = run(["run"], prepared("sandbox:postgresql", thresholds={"replica.lag_max": "< 5s"}))
    assert result.code == 4 and result.record["verdict"]["state"] == "invalid", (result.code, result.err)
    assert any("no replica was watched" in reason for reason in result.record["validity"]["reasons"])


if __name__ == "__main__":
    main()
