#!/usr/bin/python3
"""Replicas: a backfill that waits for one that stands still, and one that a sandbox brings."""
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import replicas  # noqa: E402
from scenario import Server, main, run  # noqa: E402

FILES = {
    "schema.sql": "CREATE TABLE orders (id bigserial PRIMARY KEY, total_cents bigint NOT NULL);",
    "add.sql": replicas.strategy("text"),
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


def prepared(*args, **more):
    return replicas.prepared(FILES, *args, **more)


def test_backfill_waits_for_a_replica_that_stands_still():
    with Server() as server, Replica(server) as replica:
        server.arm()
        result = replicas.run_with_trouble(server, prepared(server.dsn(), [replica.dsn]),
                                           lambda: replica.sql("SELECT pg_wal_replay_pause()"),
                                           lambda: replica.sql("SELECT pg_wal_replay_resume()"), 3.0)
        watched = replicas.waited_for(result, 2.6, 3.0)
        assert watched["unknown_s"] == 0 and watched["lag_max_bytes"] > 0, watched
        assert server.sql("SELECT to_regnamespace('rehearse_heartbeat') IS NULL") == "t"


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


if __name__ == "__main__":
    main()
