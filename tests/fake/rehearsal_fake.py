#!/usr/bin/python3
"""Whole rehearsals on the scripted engine, in about two seconds each and with no server: what the world does is written
down, so what the record must say is known."""
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import main, near, run, workspace, write  # noqa: E402

RATE_PER_S = 300
LOCK_MS = 300
BIN_MS = 100  # backlog is read at the end of each
PATIENT = {"app.stall_max": "< 5s", "app.latency.p99": "< 5s"}  # what a busy machine adds is not what is tested

WORLD = """
seed 7
latency 200us
table "orders" rows 1000
table "stock" rows 100
on "SELECT total" returns "42"
on "UPDATE stock" fails deadlock 10%
on "INSERT INTO audit" fails constraint
on "ALTER TABLE orders" takes 20ms
"""

CHANGE = """-- rehearse:strategy change
-- rehearse:phase expand kind=ddl hold=1200ms
ALTER TABLE orders ADD COLUMN tier int;
-- rehearse:rollback from=expand
ALTER TABLE orders DROP COLUMN tier;
"""

READ = "\\set id random(1, :orders_rows)\nSELECT total FROM orders WHERE id = :id;\n"


def scripted(world, apps, thresholds=None, **load):
    """Two sessions: so few that those which a lock holds up are under 1 % of the requests."""
    plan = {
        "name": "scripted",
        "target": {"dsn": "fake:world"},
        "load": {"rate": f"{RATE_PER_S}/s", "sessions": 2, "warmup": 0, "baseline": "400ms", "settle": 0,
                 "apps": {"v1": apps}, **load},
        "strategies": {"change": {"migration": "change.sql"}},
    }
    if thresholds:
        plan["thresholds"] = thresholds
    return write(workspace(), {
        "rehearse.json": plan, "world": world, "change.sql": CHANGE, "read.sql": READ,
        "sell.sql": "UPDATE stock SET n = n - 1 WHERE id = 1;\n",
        "audit.sql": "INSERT INTO audit VALUES (1);\n",
    })


def phase(result, name):
    return next(p for p in result.strategy("change")["phases"] if p["name"] == name)


def expect_code(result, code):
    """A machine too busy to send on time makes a run invalid, which the exit code says; it excuses nothing else."""
    assert result.record["run"]["exit_code"] == result.code, (result.record["run"], result.code)
    if result.record["validity"]["state"] == "invalid":
        code = 4
    assert result.code == code, f"exit code {result.code}, wanted {code}:\n{result.out}\n{result.err}"


def test_a_locked_table_drops_no_request():
    """Right: all requests that were due while the table was locked are counted, from when they were due. Wrong: the load
    waits with the sessions, and the 88 requests that nobody sent never happened."""
    directory = scripted(WORLD + f'lock "orders" from 900ms to {900 + LOCK_MS}ms\n', ["read.sql"],
                         {"app.stall_max": "< 150ms", "app.failed": "== 0"})
    result = run(["run"], directory, timeout=60)
    for name in ("baseline", "expand"):
        measured = phase(result, name)
        wanted = RATE_PER_S * (measured["end_s"] - measured["start_s"])
        near(measured["latency"]["all"]["count"], wanted, 3, f"requests of {name}")
        assert measured["outcomes"]["unfinished"] == 0 and measured["outcomes"]["failed"] == 0, measured["outcomes"]
    response, service = phase(result, "expand")["latency"]["all"], phase(result, "expand")["latency"]["service"]
    assert response["p99_us"] > 0.8 * LOCK_MS * 1000, response
    assert service["p99_us"] < 0.3 * LOCK_MS * 1000, service
    near(response["max_us"], LOCK_MS * 1000, 60_000, "the longest stall")
    totals = result.strategy("change")["totals"]
    assert totals["stall_max_us"] == response["max_us"], totals
    assert totals["backlog_max"] > RATE_PER_S * (LOCK_MS - BIN_MS - 20) / 1000, totals
    assert result.threshold("change", "app.stall_max")["state"] == "fail"
    assert result.threshold("change", "app.failed")["state"] == "pass"
    expect_code(result, 1)


def test_failures_are_counted_by_class():
    directory = scripted(WORLD, ["read.sql@2", "sell.sql@2", "audit.sql@1"])
    result = run(["run"], directory, timeout=60)
    requests = deadlocks = constraints = 0
    for measured in result.strategy("change")["phases"]:
        outcomes = measured["outcomes"]
        assert outcomes["failed"] == sum(outcomes["by_class"].values()), outcomes
        assert set(outcomes["by_class"]) <= {"deadlock", "constraint"}, outcomes
        assert outcomes["ok"] + outcomes["failed"] == measured["latency"]["all"]["count"], outcomes
        requests += outcomes["ok"] + outcomes["failed"]
        deadlocks += outcomes["by_class"].get("deadlock", 0)
        constraints += outcomes["by_class"].get("constraint", 0)
    for found, share, what in ((deadlocks, 0.4 * 0.1, "deadlocks"), (constraints, 0.2, "constraint violations")):
        near(found, requests * share, 5 * math.sqrt(requests * share * (1 - share)), what)
    assert result.threshold("change", "app.failed")["state"] == "fail"
    assert f"{constraints} constraint" in result.record["verdict"]["sentence"], result.record["verdict"]
    expect_code(result, 1)


def test_a_quiet_world_passes():
    result = run(["run"], scripted(WORLD, ["read.sql"], PATIENT), timeout=60)
    assert result.record["complete"] is True
    rollback = result.strategy("change")["rollback"]
    assert rollback["complete"] and rollback["schema_identical"], rollback
    expect_code(result, 0)


def test_an_unarmed_database_is_left_alone():
    directory = scripted(WORLD + "unarmed\n", ["read.sql"], PATIENT)
    refused = run(["run"], directory, timeout=60)
    assert refused.code == 3 and refused.record is None and "rehearse arm" in refused.err, refused.err
    wrong = run(["run", "--arm", "shop"], directory, timeout=60)
    assert wrong.code == 3 and wrong.record is None and '"shop" is not the name' in wrong.err, wrong.err
    expect_code(run(["run", "--arm", "fake"], directory, timeout=60), 0)


def test_a_migration_that_fails():
    directory = scripted(WORLD + 'on "ADD COLUMN" fails lock_timeout\n', ["read.sql"])
    result = run(["run"], directory, timeout=60)
    assert "did not finish" in result.record["verdict"]["sentence"] + " ".join(
        result.strategy("change")["verdict"]["causes"]), result.record["verdict"]
    attempts = phase(result, "expand")["statements"][0]["attempts"]
    assert [a["outcome"] for a in attempts] == ["lock_timeout"], attempts
    expect_code(result, 1)


if __name__ == "__main__":
    main()
