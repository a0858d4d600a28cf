#!/usr/bin/python3
"""What goes wrong, and how each ends: exit code, message, nothing left behind."""
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import REHEARSE, Server, finish, main, run, start, wait_for, workspace, write  # noqa: E402

FILES = {
    "schema.sql": "CREATE TABLE orders (id bigserial PRIMARY KEY, total_cents bigint NOT NULL);",
    "read.sql": "\\set id random(1, :orders_rows)\nSELECT total_cents FROM orders WHERE id = :id;\n",
    "add.sql": """-- rehearse:strategy add
-- rehearse:set lock_timeout=200ms retries=5 backoff=100ms..300ms
-- rehearse:phase expand kind=ddl hold=1s
ALTER TABLE orders ADD COLUMN note text;
-- rehearse:phase backfill kind=data
-- rehearse:backfill table=orders key=id batch=500 pause=50ms
UPDATE orders SET note = 'x' WHERE id > :lo AND id <= :hi;
-- rehearse:phase watch kind=check
-- rehearse:wait 3s
-- rehearse:rollback from=expand
ALTER TABLE orders DROP COLUMN IF EXISTS note;
-- rehearse:wait 2s
""",
}


def plan(dsn, **load):
    return {"name": "faults", "target": {"dsn": dsn}, "seed": 1,
            "data": {"schema": "schema.sql", "tables": {"orders": {"rows": 20000}}},
            "load": {"rate": "100/s", "sessions": 8, "warmup": "500ms", "baseline": "3s", "settle": "1s",
                     "apps": {"v1": ["read.sql"]}, **load},
            "strategies": {"add": {"migration": "add.sql"}}}


def prepared(dsn="sandbox:postgresql", **load):
    return write(workspace(), {**FILES, "rehearse.json": plan(dsn, **load)})


def columns(server):
    return server.sql("SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute "
                      "WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped")


def own_sessions(server):
    return server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'rehearse/%'")


def test_unarmed_target_is_refused():
    with Server() as server:
        directory = prepared(server.dsn())
        result = run(["run"], directory)
        assert result.code == 3, (result.code, result.err)
        assert "rehearse arm" in result.err and "--arm shop" in result.err, result.err
        assert server.sql("SELECT count(*) FROM pg_class WHERE relname = 'orders'") == "0"
        wrong = run(["run", "--arm", "shopp"], directory)
        assert wrong.code == 3 and "shop" in wrong.err, wrong.err


def test_interrupt_in_each_phase_leaves_nothing_behind():
    with Server() as server:
        server.arm()
        for word, seconds in (("strategy add", 1.0), ("strategy add", 4.0), ("phase backfill", 0.5), ("phase watch", 0.5),
                              ("phase rollback", 0.5)):
            directory = prepared(server.dsn())
            out = directory / "out"
            process = start(["run", "-v", "-o", out], directory)
            wait_for(process, word)
            time.sleep(seconds)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            result = finish(process, out, timeout=60)
            took = time.monotonic() - began
            assert result.code == 130, (word, result.code, result.err)
            assert result.record["verdict"]["state"] == "aborted", (word, result.record["verdict"])
            assert columns(server) == "id,total_cents", (word, columns(server))
            assert own_sessions(server) == "0", word
            assert took < 30, (word, took)
            assert (result.directory / "report.html").exists()


def test_interrupt_of_a_statement_in_the_lock_queue():
    with Server() as server:
        server.arm()
        directory = prepared(server.dsn())
        write(directory, {"add.sql": "ALTER TABLE orders ADD COLUMN note text;\n"})
        out = directory / "out"
        process = start(["run", "-v", "-o", out], directory)
        wait_for(process, "strategy add")
        blocker = subprocess.Popen(["psql", "-X", "-q", "-d", server.dsn(), "-c",
                                    "BEGIN; SELECT count(*) FROM orders; SELECT pg_sleep(60)"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(6)
            process.send_signal(signal.SIGINT)
            result = finish(process, out, timeout=30)
        finally:
            blocker.kill()
            blocker.wait()
        assert result.code == 130 and result.record["verdict"]["state"] == "aborted", result.err
        assert columns(server) == "id,total_cents"


def test_server_killed_and_restarted_under_load():
    with Server() as server:
        server.arm()
        directory = prepared(server.dsn())
        out = directory / "out"
        process = start(["run", "-v", "-o", out], directory)
        wait_for(process, "phase watch")
        time.sleep(0.5)
        server.crash()
        server.start()
        result = finish(process, out, timeout=120)
        assert result.code in (4, 5, 1), (result.code, result.err)
        assert result.record["validity"]["state"] == "invalid", result.record["validity"]
        strategy = result.strategy("add")
        assert strategy["totals"]["reconnects"] > 0
        classes = {k for p in strategy["phases"] for k in p["outcomes"]["by_class"]}
        assert classes & {"connection_lost", "unknown"}, classes
        assert own_sessions(server) == "0"


def test_full_disk_is_never_success():
    directory = prepared()
    target = directory / "small"
    target.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", target], capture_output=True).returncode != 0:
        print("skip: no right to mount a tmpfs")
        return
    try:
        done = subprocess.run([REHEARSE, "run", "-T", "2", "-o", target], cwd=directory, capture_output=True, text=True)
        assert done.returncode == 3, (done.returncode, done.stderr)
        assert "No space left" in done.stderr, done.stderr
        assert not [p for p in target.iterdir() if ".tmp." in p.name], list(target.iterdir())
    finally:
        subprocess.run(["umount", target], check=True)


def test_foreign_writer_stops_the_run():
    with Server() as server:
        server.arm()
        directory = prepared(server.dsn())
        out = directory / "out"
        process = start(["run", "-v", "-o", out], directory)
        wait_for(process, "phase baseline")
        time.sleep(1)
        writer = subprocess.Popen(["psql", "-X", "-q", "-d", server.dsn(), "-c",
                                   "BEGIN; UPDATE orders SET total_cents = 1 WHERE id = 1; SELECT pg_sleep(20)"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            result = finish(process, out, timeout=60)
        finally:
            writer.kill()
            writer.wait()
        assert result.code == 3, (result.code, result.err)
        assert "psql" in result.err and "orders" in result.err, result.err
        assert result.record["verdict"]["state"] == "aborted"
        assert columns(server) == "id,total_cents"


def refused(files, words, code=2):
    directory = prepared()
    write(directory, files)
    done = subprocess.run([REHEARSE, "run", "-o", "out"], cwd=directory, capture_output=True, text=True)
    assert done.returncode == code, (done.returncode, done.stderr)
    for word in words:
        assert word in done.stderr, (word, done.stderr)
    assert not (directory / "out").exists()


def test_typos_are_told_with_their_place():
    bad = plan("sandbox:postgresql")
    bad["load"]["sesions"] = bad["load"].pop("sessions")
    refused({"rehearse.json": bad}, ["rehearse.json:1:", "sesions", "sessions"])
    refused({"add.sql": FILES["add.sql"].replace("rehearse:phase watch", "rehearse:phse watch")},
            ["add.sql:8:", "phse", "phase"])
    refused({"add.sql": FILES["add.sql"].replace("'x'", "'x")}, ["add.sql:7:"])
    refused({"read.sql": "\\sett id random(1, 10)\nSELECT :id;\n"}, ["read.sql:1:", "sett", "set"])
    refused({"read.sql": "SELECT :nobody;\n"}, ["read.sql:1:", "nobody"], code=2)


def test_rollback_that_removes_a_live_column_is_refused():
    refused({"read.sql": "SELECT note FROM orders WHERE id = 1;\n"}, ["add.sql:11:", "note", "v1", "read"])


def test_kill_minus_nine_leaves_no_server_and_no_directory():
    directory = prepared()
    process = start(["run", "-v", "-o", directory / "out"], directory)
    wait_for(process, "phase baseline")
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True).stdout.split()
    data = [os.readlink(f"/proc/{p}/cwd") for p in children if os.path.exists(f"/proc/{p}/cwd")]
    data = [d for d in data if d.startswith("/tmp/rh.")]
    assert data, "the server's directory was not found"
    process.kill()
    process.wait()
    deadline = time.monotonic() + 15
    root = "/".join(data[0].split("/")[:3])
    while time.monotonic() < deadline and os.path.exists(root):
        time.sleep(0.2)
    assert not os.path.exists(root), root
    while time.monotonic() < deadline and any(os.path.exists(f"/proc/{p}") for p in children):
        time.sleep(0.2)
    assert not any(os.path.exists(f"/proc/{p}") for p in children)


def test_small_mistakes_of_the_command_line():
    for args, word in ((["rnu"], "run"), (["run", "--sesions", "3"], "sessions"), (["run", "nothere.sql"], "nothere"),
                       (["profile"], "--dsn"), (["compare"], "not built yet"), (["run", "-c", "0"], "sessions")):
        done = subprocess.run([REHEARSE, *args], capture_output=True, text=True, cwd=workspace())
        assert done.returncode == 2 and word in done.stderr, (args, done.returncode, done.stderr)


if __name__ == "__main__":
    main()
