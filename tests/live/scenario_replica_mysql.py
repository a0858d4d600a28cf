#!/usr/bin/python3
"""Replicas of MariaDB: a backfill that waits for one that stands still, one that is delayed, and one that answers no more."""
import os
import pathlib
import secrets
import signal
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import replicas  # noqa: E402
from scenario import MariaServer, find_mariadbd, main, run  # noqa: E402

FILES = {
    "schema.sql": "CREATE TABLE orders (id bigint AUTO_INCREMENT PRIMARY KEY, total_cents bigint NOT NULL) ENGINE=InnoDB;",
    "add.sql": replicas.strategy("varchar(10)"),
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Primary(MariaServer):
    """Its replication knows only TCP: a port of this machine lets in one account, which can do nothing else."""

    def __init__(self):
        self.port, self.password = free_port(), secrets.token_hex(16)
        super().__init__("--bind-address=127.0.0.1", f"--port={self.port}", "--skip-name-resolve", "--server-id=1", "--log-bin")
        self.sql(f"GRANT REPLICATION SLAVE ON *.* TO follower@'127.0.0.1' IDENTIFIED BY '{self.password}'")


class Replica(MariaServer):
    def __init__(self, primary):
        super().__init__("--skip-networking", "--server-id=2")
        file, position = primary.sql("SHOW MASTER STATUS").split()[:2]
        self.sql(f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={primary.port}, MASTER_USER='follower', "
                 f"MASTER_PASSWORD='{primary.password}', MASTER_LOG_FILE='{file}', MASTER_LOG_POS={position}; START SLAVE")

    def delay(self, seconds):
        self.sql(f"STOP SLAVE; CHANGE MASTER TO MASTER_DELAY={seconds}; START SLAVE")

    def signal(self, number):
        os.kill(self.process.pid, number)


def prepared(*args, **more):
    return replicas.prepared(FILES, *args, **more)


def backfill_with(primary, replica, stop, resume, seconds):
    primary.sql("DROP TABLE IF EXISTS orders")
    result = replicas.run_with_trouble(primary, prepared(primary.dsn(), [replica.dsn()]), stop, resume, seconds)
    assert primary.sql("SHOW TABLES LIKE 'rehearse\\_heartbeat'") == ""
    return result


def test_backfill_waits_for_a_replica_that_is_behind():
    with Primary() as primary, Replica(primary) as replica:
        primary.arm()
        stopped = backfill_with(primary, replica, lambda: replica.sql("STOP SLAVE SQL_THREAD"),
                                lambda: replica.sql("START SLAVE SQL_THREAD"), 3.0)
        watched = replicas.waited_for(stopped, 2.6, 3.0)
        assert watched["unknown_s"] == 0 and watched["lag_max_bytes"] > 0, watched
        delayed = backfill_with(primary, replica, lambda: replica.delay(2), lambda: replica.delay(0), 4.0)
        watched = replicas.waited_for(delayed, 3.6, 2.6)
        assert watched["unknown_s"] == 0, watched
        frozen = backfill_with(primary, replica, lambda: replica.signal(signal.SIGSTOP),
                               lambda: replica.signal(signal.SIGCONT), 2.0)
        watched = replicas.waited_for(frozen, 1.6)
        assert 0.5 <= watched["unknown_s"] <= 2, watched
        assert any("was not known" in note for note in frozen.strategy("add")["notes"]), frozen.strategy("add")["notes"]
        itself = run(["run"], prepared(primary.dsn(), [primary.dsn()]))
        assert itself.code == 3 and "the primary itself" in itself.err, (itself.code, itself.err)


if __name__ == "__main__":
    find_mariadbd()
    main()
