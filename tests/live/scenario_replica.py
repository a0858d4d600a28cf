#!/usr/bin/python3
"""Replicas: a backfill that waits for one that stands still, and one that does not follow."""
import pathlib
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import Server, finish, main, near, run, start, wait_for, workspace, write  # noqa: E402

FILES = {
    "schema.sql": "CREATE TABLE orders (id bigserial PRIMARY KEY, total_cents bigint NOT NULL);",
    "read.sql": "\\set id random(1, :orders_rows)\nSELECT total_cents FROM orders WHERE id = :id;\n",
    "add.sql": """-- rehearse:strategy add
-- rehearse:phase expand kind=ddl
ALTER TABLE orders ADD COLUMN note text;
-- rehearse:phase backfill kind=data
-- rehearse:backfill table=orders key=id batch=250 pause=50ms max_lag=400ms
UPDATE orders SET note = 'x' WHERE id > :lo AND id <= :hi;
-- rehearse:phase calm kind=check
-- rehearse:wait lag<1s timeout=20s
""",
}


class Replica:
    """A standby of a PostgreSQL server, made by pg_basebackup."""

    def __init__(self, primary):
        self.primary, self.data = primary, primary.directory / "replica"
        socket = primary.directory / "r"
        socket.mkdir()
        if primary.prefix:
            shutil.chown(socket, "postgres", "postgres")
        subprocess.run([*primary.prefix, primary.binaries / "pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c",
                        "fast", "-h", primary.directory, "-U", "staging"], check=True, cwd="/tmp")
        self.dsn = f"host={socket} user=staging dbname=shop"
        self.process = subprocess.Popen(
            [*primary.prefix, primary.binaries / "postgres", "-D", self.data, "-k", socket, "-c", "listen_addresses="],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp")
        for _ in range(100):
            if subprocess.run([primary.binaries / "pg_isready", "-q", "-h", socket]).returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError("the replica did not start")

    def sql(self, text):
        subprocess.run(["psql", "-X", "-q", "-d", self.dsn, "-c", text], check=True, stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.send_signal(2)
        self.process.wait(timeout=30)


def plan(dsn, replicas=None, **more):
    target = {"dsn": dsn} if replicas is None else {"dsn": dsn, "replicas": replicas}
    return {"name": "replica", "target": target, "seed": 1,
            "data": {"schema": "schema.sql", "tables": {"orders": {"rows": 20000}}},
            "load": {"rate": "100/s", "sessions": 8, "warmup": "500ms", "baseline": "3s", "settle": "1s",
                     "apps": {"v1": ["read.sql"]}},
            "strategies": {"add": {"migration": "add.sql"}}} | more


def prepared(*args, **more):
    return write(workspace(), {**FILES, "rehearse.json": plan(*args, **more)})


def test_backfill_waits_for_a_replica_that_stands_still():
    with Server() as server, Replica(server) as replica:
        server.arm()
        directory = prepared(server.dsn(), [replica.dsn])
        out = directory / "out"
        process = start(["run", "-v", "-o", out], directory)
        wait_for(process, "phase backfill")
        replica.sql("SELECT pg_wal_replay_pause()")
        resume = threading.Timer(3.0, replica.sql, ["SELECT pg_wal_replay_resume()"])
        resume.start()
        result = finish(process, out, timeout=60)
        resume.join()
        strategy = result.strategy("add")
        replication = strategy["replication"]
        assert result.code == 0, (result.code, result.out)
        assert replication["pauses"] >= 1, replication
        near(replication["paused_s"], 2.6, 0.6, "paused")
        (watched,) = replication["replicas"]
        near(watched["lag_max_s"], 3.0, 0.6, "lag")
        assert watched["unknown_s"] == 0 and watched["lag_max_bytes"] > 0, watched
        assert max(x for x in strategy["timeline"]["replica_lag_s"] if x is not None) == watched["lag_max_s"]
        assert any("for the replica" in note for note in strategy["notes"]), strategy["notes"]
        limit = result.threshold("add", "replica.lag_max")
        assert limit["is_default"] and limit["state"] == "pass", limit
        assert strategy["backfills"][0]["rows"] == 20000
        assert server.sql("SELECT to_regnamespace('rehearse_heartbeat') IS NULL") == "t"
        html = (result.directory / "report.html").read_text()
        assert "Lag of the replicas" in html and "Replicas were not watched" not in html


def test_a_sandbox_brings_its_own_and_keeps_it_over_a_reset():
    dsn = "sandbox:postgresql?replica=1"
    directory = prepared(dsn, strategies={"one": {"migration": "add.sql"}, "two": {"migration": "add.sql"}},
                         data={"schema": "schema.sql", "tables": {"orders": {"rows": 2000}}})
    result = run(["run"], directory)
    assert result.code == 0, (result.code, result.out, result.err)
    for name in ("one", "two"):
        (watched,) = result.strategy(name)["replication"]["replicas"]
        assert watched["name"] == dsn and watched["unknown_s"] == 0 and watched["lag_max_s"] < 1, watched
        assert result.strategy(name)["backfills"][0]["rows"] == 2000


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
