"""replicas: a primary with a replica made by hand, and what a backfill that waits for it must have told, whatever the engine.

An engine gives its files and, for a primary and its replica, `dsn()` or `dsn`, and what makes the replica stand still.
"""
import time

from scenario import finish, near, start, wait_for, workspace, write

READ = "\\set id random(1, :orders_rows)\nSELECT total_cents FROM orders WHERE id = :id;\n"
ROWS = 20000


def strategy(column_type):
    return f"""-- rehearse:strategy add
-- rehearse:phase expand kind=ddl
ALTER TABLE orders ADD COLUMN note {column_type};
-- rehearse:phase backfill kind=data
-- rehearse:backfill table=orders key=id batch=250 pause=50ms max_lag=400ms
UPDATE orders SET note = 'x' WHERE id > :lo AND id <= :hi;
-- rehearse:phase calm kind=check
-- rehearse:wait lag<1s timeout=20s
"""


def plan(dsn, replicas=None, **more):
    target = {"dsn": dsn} if replicas is None else {"dsn": dsn, "replicas": replicas}
    return {"name": "replica", "target": target, "seed": 1,
            "data": {"schema": "schema.sql", "tables": {"orders": {"rows": ROWS}}},
            "load": {"rate": "100/s", "sessions": 8, "warmup": "500ms", "baseline": "3s", "settle": "1s",
                     "apps": {"v1": ["read.sql"]}},
            "strategies": {"add": {"migration": "add.sql"}}} | more


def prepared(files, *args, **more):
    """Latencies are not what is asked here, where other tests run beside this one."""
    loose = {"app.latency.p99": "< 5s", "app.stall_max": "< 5s"}
    return write(workspace(), {"read.sql": READ, **files, "rehearse.json": plan(*args, **{"thresholds": loose} | more)})


def run_with_trouble(server, directory, stop, resume, seconds):
    """A run whose replica is stopped as the backfill begins, and resumed some seconds later: no row changes after the first."""
    out, changed = directory / "out", []
    process = start(["run", "-v", "-o", out], directory)
    wait_for(process, "phase backfill")
    stop()
    stopped = time.monotonic()  # it stands still since then, or a little longer
    for after in (1.0, seconds - 0.2):
        time.sleep(max(0.0, stopped + after - time.monotonic()))
        changed.append(int(server.sql("SELECT count(*) FROM orders WHERE note = 'x'")))
    time.sleep(max(0.0, stopped + seconds - time.monotonic()))
    resume()
    result = finish(process, out, timeout=60)
    assert changed[0] == changed[1] and 0 < changed[1] < ROWS, f"rows done 1 s after the stop and before its end: {changed}"
    return result


def waited_for(result, paused_s, lag_max_s=None):
    """A run, whose replica was behind for a while, paused for so long, went on, and shows both. lag_max_s None: one that was not
    known, for which there is no figure. Answers the replica's part."""
    assert result.code == 0, (result.code, result.out, result.err)
    strategy = result.strategy("add")
    replication = strategy["replication"]
    assert replication["pauses"] >= 1, replication
    near(replication["paused_s"], paused_s, 0.6, "paused")
    (watched,) = replication["replicas"]
    if lag_max_s is not None:
        near(watched["lag_max_s"], lag_max_s, 0.6, "lag")
    drawn = max(x for x in strategy["timeline"]["replica_lag_s"] if x is not None)
    if lag_max_s is not None:
        assert drawn == watched["lag_max_s"], (drawn, watched)
    else:  # the second in which it is not known is a gap of the curve, whatever else was seen in it
        assert drawn <= watched["lag_max_s"] and None in strategy["timeline"]["replica_lag_s"], (drawn, watched)
    assert any("for the replica" in note for note in strategy["notes"]), strategy["notes"]
    limit = result.threshold("add", "replica.lag_max")
    assert limit["is_default"] and limit["state"] == "pass", limit
    assert strategy["backfills"][0]["rows"] == ROWS
    html = (result.directory / "report.html").read_text()
    assert "Lag of the replicas" in html and "Replicas were not watched" not in html
    return watched
