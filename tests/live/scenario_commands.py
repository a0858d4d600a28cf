#!/usr/bin/python3
"""External commands and what they leave: psql as a strategy, its sessions, its failure, and rehearse clean."""
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import REHEARSE, Server, finish, main, run, start, wait_for, workspace, write  # noqa: E402

PSQL = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "{socket}", "-U", "{user}", "-d", "{database}"]
FILES = {
    "schema.sql": "CREATE TABLE orders (id bigserial PRIMARY KEY, total_cents bigint NOT NULL);",
    "read.sql": "\\set id random(1, :orders_rows)\nSELECT total_cents FROM orders WHERE id = :id;\n",
    "marked.sql": """-- rehearse:strategy marked
-- rehearse:phase expand
-- rehearse:command psql -X -q -h {socket} -U {user} -d {database} -c "ALTER TABLE orders ADD COLUMN ""two words"" text"
-- rehearse:rollback from=expand
ALTER TABLE orders DROP COLUMN "two words";
""",
}
HOLD = "BEGIN; ALTER TABLE orders ADD COLUMN note text; SELECT pg_sleep(0.6); COMMIT"


def prepared(strategies, dsn="sandbox:postgresql"):
    return write(workspace(), {**FILES, "rehearse.json": {
        "name": "commands", "target": {"dsn": dsn}, "seed": 1,
        "data": {"schema": "schema.sql", "tables": {"orders": {"rows": 20000}}},
        "load": {"rate": "200/s", "sessions": 8, "warmup": "0", "baseline": "1500ms", "settle": "500ms",
                 "apps": {"v1": ["read.sql"]}},
        "strategies": strategies, "thresholds": {"lock.exclusive_held_max": "< 5s"}}})


def clean(server, *flags):
    done = subprocess.run([REHEARSE, "clean", "--dsn", server.dsn(), *flags], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def columns(server):
    return server.sql("SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute "
                      "WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped")


def test_refused_without_allow_exec():
    directory = prepared({"psql": {"exec": [*PSQL, "-c", HOLD]}, "marked": {"migration": "marked.sql"}})
    result = run(["run"], directory)
    assert result.code == 2 and result.record is None, (result.code, result.err)
    assert "psql: psql -X" in result.err and "marked: psql -X" in result.err and "--allow-exec" in result.err, result.err
    shown = subprocess.run([REHEARSE, "check"], cwd=directory, capture_output=True, text=True)
    assert shown.returncode == 0 and shown.stdout.count("--allow-exec") == 2, shown


def test_unknown_program_is_found_before_anything_starts():
    directory = prepared({"gone": {"exec": ["no-such-program", "{socket}"]}})
    result = run(["run", "--allow-exec"], directory)
    assert result.code == 3 and "no-such-program" in result.err and "PATH" in result.err, (result.code, result.err)
    assert result.record is None and "started" not in result.err, result.err


def test_its_sessions_are_the_migrations():
    directory = prepared({"psql": {"exec": [*PSQL, "-c", HOLD, "-c", "\\echo password=geheim"]}})
    result = run(["run", "--allow-exec"], directory)
    assert result.code in (0, 1), (result.code, result.err)  # a busy machine may miss a latency limit
    strategy = result.strategy("psql")
    assert strategy["kind"] == "exec", strategy["kind"]
    statement = strategy["phases"][1]["statements"][0]
    assert statement["kind"] == "command" and "{socket}" in statement["sql"], statement
    assert statement["output"][-1] == "password=***", statement["output"]
    assert "geheim" not in (result.directory / "result.json").read_text()
    episodes = [e for e in strategy["episodes"] if e["blockers"] and e["blockers"][0]["role"] == "migration"]
    assert len(episodes) == 1, strategy["episodes"]
    assert episodes[0]["object"] == "orders" and episodes[0]["lock_mode"] == "ACCESS EXCLUSIVE", episodes
    assert 400_000 <= episodes[0]["held_us"] <= 1_200_000 and episodes[0]["victims"]["count"] > 50, episodes
    assert [(lock["object"], lock["mode"]) for lock in statement["locks"]] == [("orders", "ACCESS EXCLUSIVE")], statement
    assert result.threshold("psql", "lock.exclusive_held_max")["measured"] >= 400_000, result.record["thresholds"]


def test_a_marked_file_goes_back():
    result = run(["run", "--allow-exec"], prepared({"marked": {"migration": "marked.sql"}}))
    assert result.code in (0, 1), (result.code, result.err)
    rollback = result.strategy("marked")["rollback"]
    assert rollback["complete"] and rollback["schema_identical"], rollback


def test_a_failed_command_is_cleaned():
    words = [*PSQL, "-c", "CREATE TABLE _orders_new (LIKE orders)", "-c", "ALTER TABLE orders ADD COLUMN note text",
             "-c", "SELECT broken"]
    with Server() as server:
        server.arm()
        directory = prepared({"bad": {"exec": words}}, server.dsn())
        result = run(["run", "--allow-exec"], directory)
        assert result.code == 5, (result.code, result.err)
        strategy = result.strategy("bad")
        assert strategy["leftovers"][:2] == ["column public.orders.note", "table public._orders_new"], strategy["leftovers"]
        assert "rehearse clean --dsn" in strategy["leftovers"][2], strategy["leftovers"]
        assert "status" in strategy["verdict"]["causes"][0] and "broken" in strategy["verdict"]["causes"][0], strategy["verdict"]
        server.sql("CREATE TABLE later (id int)")  # of somebody else, after the run
        code, out, err = clean(server)
        assert code == 0 and "DROP TABLE IF EXISTS public._orders_new" in out and "later" not in out, (code, out, err)
        assert columns(server) == "id,total_cents,note"
        code, out, err = clean(server, "--execute")
        assert code == 0 and "removed 2" in out, (code, out, err)
        assert columns(server) == "id,total_cents"
        assert server.sql("SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relkind = 'r' "
                          "AND relnamespace = 'public'::regnamespace") == "later,orders"
        assert server.sql("SELECT to_regclass('rehearse_staging.unfinished_run') IS NULL") == "t"
        code, out, err = clean(server)
        assert code == 0 and "nothing is left behind" in out, (code, out, err)


def test_killed_run_is_still_known():
    words = [*PSQL, "-c", "ALTER TABLE orders ADD COLUMN note text", "-c", "SELECT pg_sleep(60)"]
    with Server() as server:
        server.arm()
        directory = prepared({"long": {"exec": words}}, server.dsn())
        process = start(["run", "--allow-exec", "-o", directory / "out"], directory)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and "orders" not in server.sql(
                "SELECT coalesce(string_agg(relname, ','), '') FROM pg_class WHERE relname = 'orders'"):
            time.sleep(0.1)
        while time.monotonic() < deadline and "note" not in columns(server):
            time.sleep(0.1)
        code, out, err = clean(server, "--execute")
        assert "is still running" in out and "note" in columns(server), (code, out, err)
        process.kill()
        process.communicate()
        time.sleep(1)
        assert server.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'rehearse/%/command'") in "01"
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'rehearse/%'")
        time.sleep(0.5)
        code, out, err = clean(server)
        assert code == 0 and "column public.orders.note" in out, (code, out, err)
        code, out, err = clean(server, "--execute")
        assert code == 0 and columns(server) == "id,total_cents", (code, out, err)


def test_interrupt_ends_the_group_and_the_time_limit_too():
    words = ["sh", "-c", "sleep 61.25 & sleep 61.25; true"]
    directory = prepared({"slow": {"exec": words, "set": {"statement_timeout": "700ms"}}})
    result = run(["run", "--allow-exec"], directory)
    assert "did not end within" in result.strategy("slow")["verdict"]["causes"][0], result.strategy("slow")["verdict"]
    directory = prepared({"slow": {"exec": words}})
    process = start(["run", "--allow-exec", "-v", "-o", directory / "out"], directory)
    wait_for(process, "phase migration")
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    result = finish(process, directory / "out", timeout=30)
    assert result.code == 130, (result.code, result.err)
    assert subprocess.run(["pgrep", "-f", "sleep 61.25"], capture_output=True).stdout == b""


def test_the_heartbeat_of_a_killed_run_is_cleaned_and_that_of_a_living_one_is_not():
    with Server() as server:
        server.arm()
        server.sql("CREATE SCHEMA rehearse_heartbeat; CREATE TABLE rehearse_heartbeat.beat (id int PRIMARY KEY, beat bigint NOT NULL); "
                   "INSERT INTO rehearse_heartbeat.beat VALUES (1, 7)")
        listing = subprocess.Popen([REHEARSE, "clean", "--dsn", server.dsn(), "--execute"], stdout=subprocess.PIPE, text=True)
        while listing.poll() is None:  # beats on
            server.sql("UPDATE rehearse_heartbeat.beat SET beat = beat + 1")
            time.sleep(0.1)
        assert "nothing is left behind" in listing.stdout.read()
        code, out, err = clean(server)
        assert code == 0 and "heartbeat" in out and "DROP" in out and "--execute" in out, (code, out, err)
        code, out, err = clean(server, "--execute")
        assert code == 0 and "removed the heartbeat" in out, (code, out, err)
        assert server.sql("SELECT to_regnamespace('rehearse_heartbeat') IS NULL") == "t"
        code, out, err = clean(server)
        assert code == 0 and "nothing is left behind" in out, (code, out, err)


def test_clean_keeps_away_from_a_plan_of_production():
    directory = write(workspace(), {"rehearse.json": {
        "name": "p", "target": {"dsn": "host=/nonexistent dbname=shop", "role": "production"},
        "strategies": {"none": {"exec": ["true"]}}}})
    done = subprocess.run([REHEARSE, "clean", "--execute"], cwd=directory, capture_output=True, text=True)
    assert done.returncode == 3 and "production" in done.stderr, done


if __name__ == "__main__":
    main()
