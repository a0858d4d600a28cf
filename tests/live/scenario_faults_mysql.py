#!/usr/bin/python3
"""What goes wrong on MariaDB, and how each ends: exit code, message, nothing left behind."""
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import MariaServer, find_mariadbd, finish, main, run, start, wait_for, workspace, write  # noqa: E402

FILES = {
    "schema.sql": "CREATE TABLE orders (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, total_cents BIGINT NOT NULL);",
    "read.sql": "\\set id random(1, :orders_rows)\nSELECT total_cents FROM orders WHERE id = :id;\n",
    "add.sql": """-- rehearse:strategy add engine=mysql
-- rehearse:set lock_timeout=200ms retries=5 backoff=100ms..300ms
-- rehearse:phase expand kind=ddl hold=1s
ALTER TABLE orders ADD COLUMN note varchar(10);
-- rehearse:phase backfill kind=data
-- rehearse:backfill table=orders key=id batch=500 pause=50ms
UPDATE orders SET note = 'x' WHERE id > :lo AND id <= :hi;
-- rehearse:phase watch kind=check
-- rehearse:wait 3s
-- rehearse:rollback from=expand
ALTER TABLE orders DROP COLUMN IF EXISTS note;
-- rehearse:wait 1s
""",
}


def plan(dsn):
    return {"name": "faults", "target": {"dsn": dsn}, "seed": 1,
            "data": {"schema": "schema.sql", "tables": {"orders": {"rows": 20000}}},
            "load": {"rate": "100/s", "sessions": 8, "warmup": "500ms", "baseline": "3s", "settle": "1s",
                     "apps": {"v1": ["read.sql"]}},
            "strategies": {"add": {"migration": "add.sql"}}}


def prepared(dsn="sandbox:mariadb", files=None):
    return write(workspace(), {**FILES, "rehearse.json": plan(dsn), **(files or {})})


def columns(server):
    return server.sql("SELECT group_concat(column_name ORDER BY ordinal_position) FROM information_schema.columns "
                      "WHERE table_schema = 'shop' AND table_name = 'orders'")


def sessions(server):
    return int(server.sql("SELECT count(*) FROM information_schema.processlist WHERE user = 'staging' AND id <> "
                          "connection_id()"))


def begun(server, word, seconds):
    """A run that has said `word` some seconds ago."""
    directory = prepared(server.dsn())
    process = start(["run", "-v", "-o", directory / "out"], directory)
    wait_for(process, word)
    time.sleep(seconds)
    return process, directory / "out"


def test_unarmed_target_is_refused():
    with MariaServer() as server:
        directory = prepared(server.dsn())
        result = run(["run"], directory)
        assert result.code == 3, (result.code, result.err)
        assert "rehearse arm" in result.err and "--arm shop" in result.err, result.err
        assert server.sql("SHOW TABLES") == ""
        wrong = run(["run", "--arm", "shopp"], directory)
        assert wrong.code == 3 and "shop" in wrong.err, wrong.err


def test_interrupt_in_the_migration_goes_back():
    with MariaServer() as server:
        server.arm()
        for word, seconds in (("strategy add", 1.0), ("phase backfill", 0.5), ("phase watch", 0.5)):
            process, out = begun(server, word, seconds)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            result = finish(process, out, timeout=60)
            assert result.code == 130, (word, result.code, result.err)
            assert result.record["verdict"]["state"] == "aborted", (word, result.record["verdict"])
            assert columns(server) == "id,total_cents", (word, columns(server))
            assert sessions(server) == 0, word
            assert time.monotonic() - began < 30, word
            assert (out / "report.html").exists()


def test_interrupt_of_a_statement_in_the_lock_queue():
    with MariaServer() as server:
        server.arm()
        directory = prepared(server.dsn(), {"add.sql": "ALTER TABLE orders ADD COLUMN note varchar(10);\n"})
        process = start(["run", "-v", "-o", directory / "out"], directory)
        wait_for(process, "strategy add")
        blocker = subprocess.Popen([*server.client(), "-e", "BEGIN; SELECT count(*) FROM orders; SELECT sleep(60)"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(6)
            process.send_signal(signal.SIGINT)
            result = finish(process, directory / "out", timeout=30)
        finally:
            blocker.kill()
            blocker.wait()
        assert result.code == 130 and result.record["verdict"]["state"] == "aborted", (result.code, result.err)
        assert columns(server) == "id,total_cents", columns(server)


def test_server_killed_and_restarted_under_load():
    with MariaServer() as server:
        server.arm()
        process, out = begun(server, "phase watch", 0.5)
        server.crash()
        server.start()
        result = finish(process, out, timeout=120)
        assert result.code in (4, 5, 1), (result.code, result.err)
        assert result.record["validity"]["state"] == "invalid", result.record["validity"]
        strategy = result.strategy("add")
        assert strategy["totals"]["reconnects"] > 0
        classes = {k for p in strategy["phases"] for k in p["outcomes"]["by_class"]}
        assert classes & {"connection_lost", "unknown"}, classes
        assert sessions(server) == 0


def test_foreign_writer_stops_the_run():
    with MariaServer() as server:
        server.arm()
        process, out = begun(server, "phase baseline", 1)
        writer = subprocess.Popen([*server.client(), "-e", "BEGIN; UPDATE orders SET total_cents = 1 WHERE id = 1; "
                                   "SELECT sleep(20)"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            result = finish(process, out, timeout=60)
        finally:
            writer.kill()
            writer.wait()
        assert result.code == 3, (result.code, result.err)
        assert "staging" in result.err and "orders" in result.err, result.err
        assert result.record["verdict"]["state"] == "aborted"
        assert columns(server) == "id,total_cents"


if __name__ == "__main__":
    find_mariadbd()
    main()
