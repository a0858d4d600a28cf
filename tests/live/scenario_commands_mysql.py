#!/usr/bin/python3
"""External commands on MariaDB: the client and pt-online-schema-change as strategies; what a killed one leaves is cleaned."""
import json
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import REHEARSE, MariaServer, find_mariadbd, main, run, start, workspace, write  # noqa: E402

CLIENT = ["mariadb", "--no-defaults", "--socket={socket}", "--user={user}", "-N", "-B", "{database}"]
PT_OSC = ["pt-online-schema-change", "--execute", "--alter", "ADD COLUMN note varchar(40)", "--alter-foreign-keys-method=auto",
          "--recursion-method=none", "--no-version-check", "F=/dev/null,S={socket},u={user},D={database},t=orders"]
FILES = {
    "schema.sql": "CREATE TABLE orders (id bigint AUTO_INCREMENT PRIMARY KEY, total_cents bigint NOT NULL) ENGINE=InnoDB;",
    "read.sql": "\\set id random(1, :orders_rows)\nSELECT total_cents FROM orders WHERE id = :id;\n",
    "reader.sql": "BEGIN;\nSELECT count(*) FROM orders WHERE id < 10;\n\\sleep :hold_ms ms\nCOMMIT;\n",
    "write.sql": "\\set id random(1, :orders_rows)\nUPDATE orders SET total_cents = total_cents + 1 WHERE id = :id;\n",
}


def prepared(strategies, dsn="sandbox:mariadb", rows=20000, apps=("read.sql",), load=None):
    return write(workspace(), {**FILES, "rehearse.json": {
        "name": "commands", "target": {"dsn": dsn}, "seed": 1,
        "data": {"schema": "schema.sql", "tables": {"orders": {"rows": rows}}},
        "load": {"rate": "100/s", "sessions": 8, "warmup": "0", "baseline": "1500ms", "settle": "500ms",
                 "apps": {"v1": list(apps)}, **(load or {})},
        "strategies": strategies}})


def clean(server, *flags):
    done = subprocess.run([REHEARSE, "clean", "--dsn", server.dsn(), *flags], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def columns(server, table="orders"):
    return server.sql("SELECT group_concat(column_name ORDER BY ordinal_position) FROM information_schema.columns "
                      f"WHERE table_schema = 'shop' AND table_name = '{table}'")


def left(server):
    triggers = server.sql("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = 'shop'")
    tables = server.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop' "
                        "AND left(table_name, 1) = '_'")
    return [*triggers.split(), *tables.split()]


def needs_pt_osc():
    if shutil.which("pt-online-schema-change") is None:
        print("skipped: no pt-online-schema-change (percona-toolkit) on this machine")
        return False
    return True


def test_its_sessions_are_the_migrations():
    find_mariadbd()
    hold = "LOCK TABLES orders WRITE; DO SLEEP(0.6); UNLOCK TABLES; ALTER TABLE orders ADD COLUMN note text"
    result = run(["run", "--allow-exec"], prepared({"client": {"exec": [*CLIENT, "-e", hold]}}))
    assert result.code in (0, 1), (result.code, result.err)  # a busy machine may miss a latency limit
    strategy = result.strategy("client")
    assert strategy["phases"][1]["statements"][0]["outcome"] == "ok", strategy["phases"][1]
    episodes = [e for e in strategy["episodes"] if e["blockers"] and e["blockers"][0]["role"] == "migration"]
    assert episodes and episodes[0]["object"] == "orders", strategy["episodes"]
    assert episodes[0]["migration_part"] and episodes[0]["victims"]["count"] > 20, episodes


def test_pt_osc_runs_for_real():
    find_mariadbd()
    if not needs_pt_osc():
        return
    with MariaServer() as server:
        server.arm()
        directory = prepared({"pt-osc": {"exec": PT_OSC}}, server.dsn(), apps=("read.sql@80", "write.sql@20"))
        result = run(["run", "--allow-exec", "-v"], directory)
        assert result.code in (0, 1), (result.code, result.err)
        statement = result.strategy("pt-osc")["phases"][1]["statements"][0]
        assert statement["outcome"] == "ok" and "Successfully altered" in statement["output"][-1], statement
        assert "not of this run" not in result.err, result.err
        assert result.err.count("opened") >= 1, result.err
        assert columns(server) == "id,total_cents,note", columns(server)
        assert left(server) == [], left(server)
        code, out, err = clean(server)
        assert code == 0 and "nothing is left behind" in out, (code, out, err)


def of_statement(episodes, words):
    return [e for e in episodes if e["migration_part"] and e["statement"].startswith(words)]


def test_pt_osc_behind_readers():
    """Readers who hold their transactions nearly all the time: its triggers and its cut-over wait for them, each as an episode."""
    find_mariadbd()
    if not needs_pt_osc():
        return
    load = {"rate": "300/s", "sessions": 16,
            "antagonists": [{"script": "reader.sql", "start": "0", "every": "1200ms", "hold": "1150ms"}]}
    result = run(["run", "--allow-exec"], prepared({"pt-osc": {"exec": PT_OSC}}, load=load, apps=("read.sql@80", "write.sql@20")))
    assert result.code in (0, 1), (result.code, result.err)
    strategy = result.strategy("pt-osc")
    statement = strategy["phases"][1]["statements"][0]
    assert statement["outcome"] == "ok", statement
    triggers = of_statement(strategy["episodes"], "CREATE TRIGGER")
    cut_over = of_statement(strategy["episodes"], "RENAME TABLE")
    assert triggers and cut_over, [(e["statement"], e["lock_mode"], e["waited_us"]) for e in strategy["episodes"]]
    for episode in triggers + cut_over:
        last = episode["blockers"][-1]
        assert episode["object"] == "orders" and last["role"] == "migration", episode
        assert last["query"] == episode["statement"], episode["blockers"]
    assert {e["lock_mode"] for e in cut_over} == {"EXCLUSIVE"} and cut_over[-1]["outcome"] == "ok", cut_over
    assert max(e["victims"]["count"] for e in cut_over) > 0, cut_over
    longest = max(triggers + cut_over, key=lambda e: e["waited_us"])
    root = longest["blockers"][0]
    assert longest["lock_mode"] == "EXCLUSIVE" and longest["waited_us"] > 100_000, longest
    assert root["role"] == "other" and root["application_name"].endswith("/antagonist"), longest["blockers"]
    assert longest["victims"]["count"] > 5, longest["victims"]
    parts = triggers + cut_over
    assert statement["queued"]["value_us"] >= max(e["waited_us"] for e in parts), (statement, parts)
    assert max(e["held_us"] for e in parts) <= statement["held"]["value_us"] < 1_000_000, (statement, parts)
    assert {(lock["object"], lock["mode"]) for lock in statement["locks"]} >= {("orders", "EXCLUSIVE")}, statement["locks"]
    assert all(lock["blocks"] for lock in statement["locks"]), statement["locks"]
    for episode in strategy["episodes"]:
        assert episode["object"] != "", episode


def test_killed_pt_osc_is_cleaned():
    find_mariadbd()
    if not needs_pt_osc():
        return
    slow = [*PT_OSC[:-1], "--chunk-size=500", "--chunk-time=0", "--sleep=0.3", PT_OSC[-1]]
    with MariaServer() as server:
        server.arm()
        directory = prepared({"pt-osc": {"exec": slow}}, server.dsn())
        process = start(["run", "--allow-exec", "-o", directory / "out"], directory)
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline and len(left(server)) < 4:
            time.sleep(0.2)
        pids = subprocess.run(["pgrep", "-P", str(process.pid), "-f", "online-schema-change"], capture_output=True,
                              text=True).stdout.split()
        assert len(pids) == 1, (pids, left(server))
        time.sleep(0.5)
        subprocess.run(["kill", "-9", pids[0]], check=True)
        process.communicate(timeout=60)
        record = json.loads((directory / "out/result.json").read_text())
        leftovers = record["strategies"][0]["leftovers"]
        assert process.returncode == 5, process.returncode
        assert leftovers[:4] == ["trigger orders.pt_osc_shop_orders_del", "trigger orders.pt_osc_shop_orders_ins",
                                 "trigger orders.pt_osc_shop_orders_upd", "table _orders_new"], leftovers
        assert "rehearse clean --dsn" in leftovers[4] and "--execute" in leftovers[4], leftovers
        code, out, err = clean(server)
        assert code == 0 and "DROP TABLE IF EXISTS `_orders_new`" in out and len(left(server)) == 4, (code, out, err)
        code, out, err = clean(server, "--execute")
        assert code == 0 and "removed 4" in out, (code, out, err)
        assert left(server) == [] and columns(server) == "id,total_cents", (left(server), columns(server))
        assert server.sql("SELECT count(*) FROM orders") == "20000"
        assert server.sql("SHOW TABLES LIKE 'rehearse\\_unfinished%'") == ""


def test_the_heartbeat_of_a_killed_run_is_cleaned_and_that_of_a_living_one_is_not():
    with MariaServer() as server:
        server.arm()
        server.sql("CREATE TABLE rehearse_heartbeat (id int PRIMARY KEY, beat bigint NOT NULL); "
                   "INSERT INTO rehearse_heartbeat VALUES (1, 7)")
        listing = subprocess.Popen([REHEARSE, "clean", "--dsn", server.dsn(), "--execute"], stdout=subprocess.PIPE, text=True)
        while listing.poll() is None:  # beats on
            server.sql("UPDATE rehearse_heartbeat SET beat = beat + 1")
            time.sleep(0.1)
        assert "nothing is left behind" in listing.stdout.read()
        code, out, err = clean(server)
        assert code == 0 and "heartbeat" in out and "DROP" in out and "--execute" in out, (code, out, err)
        code, out, err = clean(server, "--execute")
        assert code == 0 and "removed the heartbeat" in out, (code, out, err)
        assert server.sql("SHOW TABLES LIKE 'rehearse_heartbeat'") == ""
        code, out, err = clean(server)
        assert code == 0 and "nothing is left behind" in out, (code, out, err)


if __name__ == "__main__":
    main()
