#!/usr/bin/python3
"""The lock queue on MariaDB and MySQL and the copied table, seen through the whole program: figures and bounds are PostgreSQL's.
"""
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import MariaServer, find_mariadbd, main, near, run, workspace, write  # noqa: E402

SCHEMA = "CREATE TABLE orders (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, total_cents BIGINT NOT NULL);"
READ = "\\set id random(1, :orders_rows)\nSELECT total_cents FROM orders WHERE id = :id;\n"
READER = "BEGIN;\nSELECT count(*) FROM orders WHERE id < 10;\n\\sleep :hold_ms ms\nCOMMIT;\n"
INSTANT = "ALTER TABLE orders ADD COLUMN note varchar(40) NOT NULL DEFAULT 'x', ALGORITHM=INSTANT;"


IMPATIENT = "-- rehearse:set lock_timeout=200ms retries=20 backoff=300ms..600ms"


def queue(strategies, server="mariadb", baseline="4s", settle="3s"):
    """An instant ALTER that arrives 500 ms after a reader who holds his transaction open for 3 s, once for each strategy."""
    files = {f"{name}.sql": f"""-- rehearse:strategy {name} engine=mysql
{marks}
-- rehearse:phase arrive kind=app
-- rehearse:wait 500ms
-- rehearse:phase expand kind=ddl
{INSTANT}
""" for name, marks in strategies.items()}
    return write(workspace(), {
        "schema.sql": SCHEMA, "read.sql": READ, "reader.sql": READER, **files,
        "rehearse.json": {
            "name": "lock-queue",
            "target": {"dsn": f"sandbox:{server}"},
            "seed": 1,
            "data": {"schema": "schema.sql", "tables": {"orders": {"rows": 20000}}},
            "load": {"rate": "500/s", "sessions": 16, "warmup": "1s", "baseline": baseline, "settle": settle,
                     "apps": {"v1": ["read.sql"]},
                     "antagonists": [{"script": "reader.sql", "start": "0", "hold": "3s"}]},
            "strategies": {name: {"migration": f"{name}.sql"} for name in strategies}}})


def phase(strategy, name):
    return next(p for p in strategy["phases"] if p["name"] == name)


def stages(strategy, name):
    return {s["name"]: s["duration_us"] for s in phase(strategy, name)["statements"][0]["stages"]}


def queued(strategy):
    episodes = [e for e in strategy["episodes"] if e["migration_part"]]
    assert len(episodes) == 1, episodes
    episode = episodes[0]
    near(episode["waited_us"], 2_500_000, 50_000, "waited")
    near(stages(strategy, "expand")["Waiting for table metadata lock"], 2_500_000, 50_000, "stage of the wait")
    assert episode["held_us"] < 50_000, episode["held_us"]
    assert episode["lock_mode"] == "EXCLUSIVE" and episode["object"] == "orders", episode
    root = episode["blockers"][0]
    assert root["role"] == "other" and root["depth"] == 0, episode["blockers"]
    assert root["state"] == "idle in transaction" and root["application_name"].endswith("/antagonist"), root
    near(episode["victims"]["count"], 1250, 60, "victims")
    near(strategy["totals"]["stall_max_us"], 2_500_000, 150_000, "stall")
    assert phase(strategy, "expand")["latency"]["all"]["p99_us"] > 1_000_000
    assert strategy["totals"]["failed"] == 0


def tried_again(strategy):
    assert strategy["totals"]["stall_max_us"] < 300_000, strategy["totals"]
    assert strategy["totals"]["failed"] == 0, strategy["totals"]
    attempts = phase(strategy, "expand")["statements"][0]["attempts"]
    outcomes = [a["outcome"] for a in attempts]
    assert outcomes[-1] == "ok" and outcomes.count("lock_timeout") >= 2, outcomes
    for attempt in attempts[:-1]:
        near(attempt["lock_wait_us"], 200_000, 25_000, "queued until lock_timeout")


def test_even_an_instant_alter_queues_behind_a_reader():
    result = run(["run"], queue({"queue": ""}))
    assert result.code == 1, (result.code, result.err)
    queued(result.strategy("queue"))
    assert "ALTER TABLE" in result.record["verdict"]["sentence"], result.record["verdict"]


def test_the_same_with_lock_timeout_below_a_second():
    tried_again(run(["run"], queue({"queue": IMPATIENT})).strategy("queue"))


def test_both_on_mysql():
    result = run(["run"], queue({"queue": "", "impatient": IMPATIENT}, "mysql", "2s", "1s"))
    if "no MySQL server found" in result.err:
        print("skipped: no mysqld on this machine")
        return
    queued(result.strategy("queue"))
    tried_again(result.strategy("impatient"))


def sysbench(server):
    subprocess.run(["sysbench", "oltp_read_write", "--tables=2", "--table-size=100000", "--db-driver=mysql",
                    f"--mysql-socket={server.socket}", "--mysql-user=staging", "--mysql-db=shop", "prepare"],
                   check=True, stdout=subprocess.DEVNULL)


def altered(server, directory, algorithm):
    """A bare ALTER of a table of sysbench's at 300 requests a second, half of them writes."""
    write(directory, {f"{algorithm}.sql": "ALTER TABLE sbtest1 ADD COLUMN note varchar(40) NOT NULL DEFAULT 'x', "
                                          f"ALGORITHM={algorithm};\n"})
    result = run(["run", f"{algorithm}.sql", "--dsn", server.dsn(), "--arm", "shop", "-c", "16", "-R", "300", "-T", "4",
                  "-f", "read.sql", "-f", "write.sql"], directory)
    server.sql("ALTER TABLE sbtest1 DROP COLUMN note")
    assert result.record is not None, result.err
    return result


def of_migration(result):
    """Hold and victims of what shut out the application."""
    episodes = [e for e in result.record["strategies"][0]["episodes"] if e["migration_part"]]
    return max([e["held_us"] for e in episodes], default=0), sum(e["victims"]["count"] for e in episodes)


def test_a_copied_table_against_an_instant_column_on_tables_of_sysbench():
    if shutil.which("sysbench") is None:
        print("skip: no sysbench")
        return
    directory = write(workspace(), {
        "read.sql": "\\set id random(1, 100000)\nSELECT c FROM sbtest1 WHERE id = :id;\n",
        "write.sql": "\\set id random(1, 100000)\nUPDATE sbtest1 SET k = k + 1 WHERE id = :id;\n"})
    with MariaServer() as server:
        sysbench(server)
        copy, instant = (altered(server, directory, algorithm) for algorithm in ("COPY", "INSTANT"))
    held, victims = of_migration(copy)
    instant_held, instant_victims = of_migration(instant)
    assert held > 100_000 and held > 5 * instant_held, (held, instant_held)
    assert victims >= 20 and victims > 5 * instant_victims, (victims, instant_victims)
    copied = copy.record["strategies"][0]["phases"]
    named = {s["name"] for p in copied for t in p["statements"] for s in t["stages"] if s["duration_us"] >= 1000}
    assert "copy to tmp table" in named, named
    stall = {r: r.record["strategies"][0]["totals"]["stall_max_us"] for r in (copy, instant)}
    assert stall[copy] > 100_000 and stall[copy] > 2 * stall[instant], stall.values()
    assert instant.code == 0 and instant.record["verdict"]["state"] in ("pass", "warn"), instant.record["verdict"]
    for result in (copy, instant):
        assert result.record["strategies"][0]["totals"]["failed"] == 0


if __name__ == "__main__":
    find_mariadbd()
    main()
