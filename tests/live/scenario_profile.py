#!/usr/bin/python3
"""rehearse profile through the whole program: what is written holds no value of the source, is the same each time and by
whichever way it was read; who may not see statistics is told what to run."""
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import REHEARSE, Server, jsonschema, main, workspace  # noqa: E402

import json  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = """
CREATE TABLE customer (id serial PRIMARY KEY, mail text NOT NULL, born date, level text CHECK (level IN ('gold', 'tin')));
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id int NOT NULL REFERENCES customer, cents int, doc jsonb);
CREATE INDEX ON orders (customer_id);
INSERT INTO customer (mail, born, level) SELECT 'canary' || i % 300 || '@secret.example', date '1950-01-03' + i * 7,
  CASE i % 3 WHEN 0 THEN 'tin' ELSE 'gold' END FROM generate_series(1, 2000) i;
INSERT INTO orders (customer_id, cents, doc) SELECT 1 + i % 1500, 1000003 + i * 7, jsonb_build_object('who', 'canary' || i % 9)
  FROM generate_series(1, 9000) i;
ANALYZE;
CREATE TABLE unknown (id int);
CREATE ROLE reader LOGIN; GRANT SELECT ON orders TO reader;
"""


def profile(*args):
    done = subprocess.run([REHEARSE, "profile", *map(str, args)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_profile():
    with Server() as server:
        server.sql(SCHEMA)
        directory, dsn = workspace(), server.dsn()
        first, second, third = (directory / f"{name}.json" for name in "abc")
        code, out, err = profile("--dsn", dsn, "-o", first)
        assert code == 0 and out == "" and "public.unknown was never analysed" in err, (code, out, err)
        text = first.read_text()
        for canary in ("canary", "secret", "1000010", "1950-01-10"):
            assert canary not in text, canary
        written = json.loads(text)
        jsonschema.Draft202012Validator(json.loads((ROOT / "docs/profile.schema.json").read_text())).validate(written)
        customer = next(t for t in written["tables"] if t["name"] == "customer")
        columns = {c["name"]: c for c in customer["columns"]}
        assert columns["level"]["values"] == "kept" and columns["level"]["mcv"][0][0] == "gold"
        assert columns["mail"]["values"] == "shape" and columns["mail"]["distinct"] == 300

        code, out, _ = profile("--dsn", dsn, "--audit")
        assert code == 0 and "public.customer.level: gold" in out and "canary" not in out, out

        server.sql("UPDATE customer SET level = 'tin' WHERE id < 900; ANALYZE customer")
        assert profile("--dsn", dsn, "--counts", "-o", second)[0] == 0
        code, out, _ = profile("diff", first, second)
        assert code == 1 and "public.customer.level: mcv: 2 of 2 differ" in out, out
        assert "public.orders.customer_id: counts" in out and "canary" not in out, out

        code, script, err = profile("--dsn", dsn, "--print-sql", "--counts")
        assert code == 0 and "READ ONLY" in script, err
        ran = subprocess.run(["psql", "-X", "-d", dsn, "-f", "-"], input=script, capture_output=True, text=True, check=True)
        (directory / "output").write_text(ran.stdout)
        code, _, err = profile(directory / "output", "-o", third)
        assert code == 0 and third.read_bytes() == second.read_bytes(), err

        code, out, err = profile("--dsn", dsn.replace("user=staging", "user=reader"), "-o", directory / "none.json")
        assert code == 3 and out == "" and "public.customer" in err, (code, err)
        assert "GRANT SELECT ON public.customer TO reader" in err and not (directory / "none.json").exists(), err


def test_interrupted_profile():
    """Wrong: a profile, which has neither, speaks of a load that ends and a report that is written."""
    with Server() as server:
        directory, dsn = workspace(), server.dsn()
        lock = "BEGIN; LOCK TABLE pg_statistic IN ACCESS EXCLUSIVE MODE; SELECT 'held'; SELECT pg_sleep(60)"
        holder = subprocess.Popen(["psql", "-XAtq", "-d", dsn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holder.stdin.write("".join(f"{part};\n" for part in lock.split(";")))
        holder.stdin.flush()
        assert holder.stdout.readline().strip() == "held"
        run = subprocess.Popen([REHEARSE, "profile", "--dsn", dsn, "-o", directory / "p.json"], stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=30)
        holder.kill()
        holder.wait()
        assert run.returncode == 130 and not (directory / "p.json").exists(), err
        assert "stopping (again to leave at once)" in err and "interrupted: nothing was written" in err, err
        assert "load" not in err and "report" not in err, err


if __name__ == "__main__":
    main()
