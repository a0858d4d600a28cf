#!/usr/bin/python3
"""Lock queues and rewrites whose lengths are known, seen through the whole program."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import Server, main, near, run, workspace, write  # noqa: E402

SCHEMA = "CREATE TABLE orders (id bigserial PRIMARY KEY, total_cents bigint NOT NULL);"
READ = "\\set id random(1, :orders_rows)\nSELECT total_cents FROM orders WHERE id = :id;\n"
READER = "BEGIN;\nSELECT count(*) FROM orders WHERE id < 10;\n\\sleep :hold_ms ms\nCOMMIT;\n"


def queue_plan(strategy, **extra):
    return {
        "name": "lock-queue",
        "target": {"dsn": "sandbox:postgresql"},
        "seed": 1,
        "data": {"schema": "schema.sql", "tables": {"orders": {"rows": 20000}}},
        "load": {"rate": "500/s", "sessions": 16, "warmup": "1s", "baseline": "4s", "settle": "3s",
                 "apps": {"v1": ["read.sql"]},
                 "antagonists": [{"script": "reader.sql", "start": "0", "hold": "3s"}]},
        "strategies": {"queue": {"migration": strategy}},
        **extra,
    }


def queue_files(marks):
    return {
        "schema.sql": SCHEMA, "read.sql": READ, "reader.sql": READER,
        "queue.sql": f"""-- rehearse:strategy queue engine=postgresql
{marks}
-- rehearse:phase arrive kind=app
-- rehearse:wait 500ms
-- rehearse:phase expand kind=ddl
ALTER TABLE orders ADD COLUMN note text;
""",
    }


def test_alter_behind_a_reader_without_lock_timeout():
    directory = write(workspace(), {**queue_files(""), "rehearse.json": queue_plan("queue.sql")})
    result = run(["run"], directory)
    assert result.code == 1, result.err
    strategy = result.strategy("queue")
    episodes = [e for e in strategy["episodes"] if e["migration_part"]]
    assert len(episodes) == 1, episodes
    episode = episodes[0]
    near(episode["waited_us"], 2_500_000, 50_000, "waited")
    assert episode["held_us"] < 50_000, episode["held_us"]
    assert episode["blockers"][0]["role"] == "other" and episode["blockers"][0]["depth"] == 0, episode["blockers"]
    near(episode["victims"]["count"], 1250, 60, "victims")
    near(strategy["totals"]["stall_max_us"], 2_500_000, 150_000, "stall")
    expand = next(p for p in strategy["phases"] if p["name"] == "expand")
    assert expand["latency"]["all"]["p99_us"] > 1_000_000, expand["latency"]["all"]
    assert strategy["totals"]["failed"] == 0
    assert "ALTER TABLE" in result.record["verdict"]["sentence"], result.record["verdict"]


def test_the_same_with_lock_timeout_and_retries():
    marks = "-- rehearse:set lock_timeout=200ms retries=20 backoff=300ms..600ms"
    directory = write(workspace(), {**queue_files(marks), "rehearse.json": queue_plan("queue.sql")})
    result = run(["run"], directory)
    strategy = result.strategy("queue")
    assert strategy["totals"]["stall_max_us"] < 300_000, strategy["totals"]
    statement = next(p for p in strategy["phases"] if p["name"] == "expand")["statements"][0]
    outcomes = [a["outcome"] for a in statement["attempts"]]
    assert outcomes[-1] == "ok" and outcomes.count("lock_timeout") >= 2, outcomes
    for attempt in statement["attempts"][:-1]:
        near(attempt["lock_wait_us"], 200_000, 25_000, "queued until lock_timeout")


def test_constraint_in_one_transaction_holds_through_the_scan():
    body = """
ALTER TABLE orders ADD CONSTRAINT total_positive CHECK (total_cents > -1) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT total_positive;
"""
    plan = queue_plan("one.sql")
    plan["load"].pop("antagonists")
    plan["data"]["tables"]["orders"]["rows"] = "1M"
    plan["strategies"] = {"one": {"migration": "one.sql"}, "apart": {"migration": "apart.sql"}}
    files = queue_files("")
    files["one.sql"] = "-- rehearse:strategy one\n-- rehearse:phase constrain kind=ddl tx=on" + body
    files["apart.sql"] = "-- rehearse:strategy apart\n-- rehearse:phase constrain kind=ddl" + body
    result = run(["run"], write(workspace(), {**files, "rehearse.json": plan}))
    held = {}
    for name in ("one", "apart"):
        phase = next(p for p in result.strategy(name)["phases"] if p["name"] == "constrain")
        held[name] = max(s["held"]["value_us"] for s in phase["statements"]
                         if any("reads" in lock["blocks"] for lock in s["locks"]))
    assert held["one"] > 20_000, held
    assert held["one"] > 4 * held["apart"], held


def test_pgbench_rewrite_and_fast_default_on_an_armed_server():
    import subprocess
    tpcb = subprocess.run(["pgbench", "--show-script=tpcb-like"], capture_output=True, text=True, check=True)
    with Server() as server:
        subprocess.run(["pgbench", "-i", "-q", "-s", "2", "-d", server.dsn()], check=True, capture_output=True)
        server.arm()
        directory = write(workspace(), {
            "rewrite.sql": "ALTER TABLE pgbench_accounts ADD COLUMN note text NOT NULL "
                           "DEFAULT gen_random_uuid()::text;\n",
            "constant.sql": "ALTER TABLE pgbench_accounts ADD COLUMN remark text NOT NULL DEFAULT 'x';\n",
            "tpcb.sql": tpcb.stderr or tpcb.stdout})
        flags = ["--dsn", server.dsn(), "-c", "8", "-R", "100", "-T", "4", "-f", "tpcb.sql"]
        rewrite = run(["run", "rewrite.sql", *flags], directory)
        constant = run(["run", "constant.sql", *flags], directory)
    for result, rewritten in ((rewrite, True), (constant, False)):
        strategy = result.record["strategies"][0]
        statement = next(p for p in strategy["phases"] if p["statements"])["statements"][0]
        assert statement["rewrite"] is rewritten, statement
        assert any(lock["mode"] == "ACCESS EXCLUSIVE" and lock["object"] == "pgbench_accounts"
                   for lock in statement["locks"]), statement["locks"]
        assert strategy["totals"]["failed"] == 0, strategy["totals"]
        if not rewritten:
            assert statement["held"]["value_us"] < 50_000, statement["held"]
        else:
            assert statement["held"]["value_us"] > 100_000, statement["held"]


if __name__ == "__main__":
    main()
