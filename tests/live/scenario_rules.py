#!/usr/bin/python3
"""Columns that go together, through the whole program: as the source's statistics tell, as a CHECK wants, as the plan says.

Right is that what determines what in the source does so in the copy, both as common as before and in the same physical order;
and that --pin-stats shows production's number of different values over rows with the true one."""
import functools
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import REHEARSE, MariaServer, Server, main, mariadbd, workspace, write  # noqa: E402

SCHEMA = """
CREATE FUNCTION h(i bigint, k int) RETURNS double precision IMMUTABLE LANGUAGE sql AS
  $$ SELECT (hashint8extended(i, k) & 4294967295)::double precision / 4294967296 $$;
CREATE TABLE customer (id bigserial PRIMARY KEY, country text NOT NULL, zip int NOT NULL, city int NOT NULL, land int NOT NULL);
INSERT INTO customer (country, zip, city, land) SELECT 'land ' || floor(h(i, 1) ^ 3 * 30), 10000 + z * 7, z % 150, z % 150 % 12
  FROM (SELECT i, floor(h(i, 2) ^ 3 * 1200)::int z FROM generate_series(1, 20000) i) x;
CREATE INDEX ON customer (zip);
CREATE STATISTICS customer_place (dependencies, ndistinct) ON zip, city, land FROM customer;
CREATE TABLE car (id bigserial PRIMARY KEY, make text, model text, year int);
INSERT INTO car (make, model, year) SELECT 'make ' || m % 41, 'model ' || m, 1990 + floor(h(i, 3) * 30)::int
  FROM (SELECT i, floor(h(i, 4) ^ 2 * 500)::int m FROM generate_series(1, 15000) i) x;
CREATE STATISTICS car_kind ON make, model FROM car;
CREATE TABLE stage (id bigserial PRIMARY KEY, step int NOT NULL, era int NOT NULL);
INSERT INTO stage (step, era) SELECT i / 1000, CASE WHEN i < 4000 THEN 1 WHEN i < 8500 THEN 2 ELSE 3 END FROM generate_series(1, 12000) i;
CREATE STATISTICS stage_all (mcv) ON step, era FROM stage;
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer, country text NOT NULL,
  status text NOT NULL CHECK (status IN ('new', 'done', 'back')), created_at timestamptz NOT NULL, shipped_at timestamptz,
  starts_on date NOT NULL, ends_on date, CHECK (ends_on IS NULL OR ends_on > starts_on));
INSERT INTO orders (customer_id, country, status, created_at, shipped_at, starts_on, ends_on)
  SELECT c, 'land ' || floor(h(CASE WHEN h(i, 5) < .93 THEN c ELSE i END, 1) ^ 3 * 30), s, t, CASE WHEN s <> 'new' THEN t + interval '1 h'
    + h(i, 6) ^ 2 * interval '5 d' END, d, CASE WHEN h(i, 7) < .6 THEN d + 1 + floor(h(i, 8) * 90)::int END
  FROM (SELECT i, 1 + floor(h(i, 9) ^ 2 * 20000)::bigint c, CASE WHEN i > 19000 THEN 'new' WHEN h(i, 10) < .1 THEN 'back' ELSE 'done' END s,
    '2023-01-01'::timestamptz + i * interval '400.017 s' t, date '2020-01-01' + floor(h(i, 11) * 900)::int d FROM generate_series(1, 20000) i) x;
CREATE TABLE visit (id bigserial PRIMARY KEY, who int NOT NULL);
INSERT INTO visit (who) SELECT floor(h(i, 12) ^ 3 * 60000) FROM generate_series(1, 90000) i;
CREATE INDEX ON visit (who);
DROP FUNCTION h;
"""
RULES = {"country": {"from": "customer_id.country", "share": 0.93},
         "shipped_at": {"after": "created_at", "by": {"min": "1h", "median": "31h", "max": "5d"}, "null_when": {"status": ["new"]}}}


class Bed:
    """One server, the source in its database shop, and its profile."""

    def __init__(self):
        self.server = Server()
        self.server.sql(SCHEMA)
        self.server.sql("VACUUM ANALYZE")
        self.directory = workspace()
        done = rehearse(self, "profile", "--dsn", self.server.dsn(), "-o", "p.json")
        assert done.returncode == 0, done.stderr

    def fill(self, name, dsn, rules, *flags):
        data = {"profile": "p.json", "tables": {"orders": {"columns": rules}}}
        write(self.directory, {f"{name}.json": {"name": name, "target": {"dsn": dsn}, "data": data, "seed": 7}})
        return rehearse(self, "fill", f"{name}.json", *flags)

    def copy(self, name, rules, *flags):
        self.server.sql(f"CREATE DATABASE {name} TEMPLATE template0", "postgres")
        self.server.arm(name)
        done = self.fill(name, self.server.dsn(name), rules, *flags)
        assert done.returncode == 0, done.stderr
        return lambda query: self.server.sql(query, name)


def rehearse(bed, *args):
    return subprocess.run([REHEARSE, *map(str, args)], capture_output=True, text=True, timeout=120, cwd=bed.directory)


@functools.cache
def bed():
    return Bed()


@functools.cache
def filled():
    """The copy by all rules, with production's statistics."""
    return bed().copy("filled", RULES, "--pin-stats")


def numbers(sql, query):
    return [float(value) for value in sql(query).replace("\t", "|").split("|")]


def near(found, wanted, share, what):
    assert abs(found - wanted) <= share * abs(wanted), f"{what}: {found}, wanted {wanted}"


def test_what_determines_what():
    pairs = ("SELECT count(DISTINCT zip), count(DISTINCT city), count(DISTINCT (zip, city)), count(DISTINCT (city, land)),"
             " count(DISTINCT (zip, land)) FROM customer")
    source, copy = numbers(bed().server.sql, pairs), numbers(filled(), pairs)
    for i, what in enumerate(("zips", "cities", "zip, city", "city, land", "zip, land")):
        near(copy[i], source[i], 0.2, what)
    degrees = json.loads(filled()("SELECT dependencies FROM pg_stats_ext WHERE statistics_name = 'customer_place'"))
    assert degrees["3 => 4"] > 0.95 and degrees["4 => 5"] > 0.9, degrees
    models = "SELECT count(DISTINCT model), count(DISTINCT (make, model)) FROM car"
    source, copy = numbers(bed().server.sql, models), numbers(filled(), models)
    near(copy[1], source[1], 0.15, "make, model")


def test_combinations_keep_the_order_of_the_rows():
    order = "SELECT correlation FROM pg_stats WHERE tablename = 'stage' AND attname = 'step'"
    assert abs(numbers(filled(), order)[0] - numbers(bed().server.sql, order)[0]) < 0.02
    wrong = filled()("SELECT count(*) FROM stage WHERE era <> CASE WHEN step < 4 THEN 1 WHEN step < 8 THEN 2 WHEN step > 8 THEN 3 ELSE era END")
    assert int(wrong) < 60, wrong


def test_a_check_between_columns():
    spread = "SELECT count(*), count(ends_on), avg(ends_on - starts_on), min(ends_on - starts_on) FROM orders"
    source, copy = numbers(bed().server.sql, spread), numbers(filled(), spread)
    assert copy[:2] == source[:2] and copy[3] >= 1, copy


def test_the_plan_s_rules():
    agree = "SELECT avg((o.country = c.country)::int) FROM orders o JOIN customer c ON c.id = o.customer_id"
    assert abs(numbers(filled(), agree)[0] - 0.93) < 0.01
    lags = ("SELECT count(*) FILTER (WHERE (shipped_at IS NULL) <> (status = 'new')), extract(epoch FROM min(shipped_at - created_at)),"
            " extract(epoch FROM max(shipped_at - created_at)), extract(epoch FROM percentile_cont(.5) WITHIN GROUP"
            " (ORDER BY shipped_at - created_at)) FROM orders")
    wrong, least, most, median = numbers(filled(), lags)
    assert wrong == 0 and least >= 3600 and most <= 5 * 86400
    near(median, 31 * 3600, 0.05, "median of the lag")


def test_pinned_statistics():
    seen = ("SELECT CASE WHEN n_distinct < 0 THEN -n_distinct * 90000 ELSE n_distinct END, (SELECT count(DISTINCT who) FROM visit)"
            " FROM pg_stats WHERE tablename = 'visit' AND attname = 'who'")
    reported, true = numbers(bed().server.sql, seen)
    assert reported < 0.8 * true, (reported, true)
    pinned, of = numbers(filled(), seen)
    near(pinned, reported, 1e-6, "pinned")
    near(of, true, 0.1, "different values")
    filled()("VACUUM ANALYZE visit")
    near(numbers(filled(), seen)[0], reported, 1e-6, "pinned, and analysed again")
    audit = rehearse(bed(), "audit", "filled.json", "--json")
    visit = next(table for table in json.loads(audit.stdout)["tables"] if table["name"].endswith("visit"))
    near(visit["measures"]["distinct_reported"], 1, 1e-6, "what the audit sees")


def test_rules_that_cannot_be():
    dsn = bed().server.dsn("refused")
    bed().server.sql("CREATE DATABASE refused TEMPLATE template0", "postgres")
    bed().server.arm("refused")
    for rules, message, hint in (
            ({"country": {"from": "customer.contry"}}, "there is no column \"contry\" in table customer", "country"),
            ({"country": {"from": "client_id.country"}}, "no foreign key is called \"client_id\"", "customer_id"),
            ({"countri": {"from": "status"}}, "there is no column \"countri\"", "country"),
            ({"shipped_at": {"after": "status", "by": "1h"}}, "it cannot come after", "of type text"),
            ({"customer_id": {"from": "id"}}, "it belongs to a key", ""),
            ({"status": {"after": "created_at", "by": 1, "null_when": {"id": [1]}}}, "NOT NULL", "")):
        done = bed().fill("refused", dsn, rules)
        assert done.returncode == 2, (rules, done.returncode, done.stderr)
        assert "refused.json:" in done.stderr and message in done.stderr and hint in done.stderr, done.stderr


def test_mariadb():
    if mariadbd() is None:
        print("skipped: no mariadbd")
        return
    with MariaServer() as maria:
        maria.arm()
        done = bed().fill("maria", maria.dsn(), RULES, "--pin-stats")
        assert done.returncode == 2 and "--pin-stats: mariadb" in done.stderr, done.stderr
        done = bed().fill("maria", maria.dsn(), RULES)
        assert done.returncode == 0, done.stderr
        agree, wrong, least = numbers(maria.sql, "SELECT avg(o.country = c.country), sum((o.shipped_at IS NULL) <> (o.status = 'new')),"
                                      " min(timestampdiff(SECOND, o.created_at, o.shipped_at)) FROM orders o"
                                      " JOIN customer c ON c.id = o.customer_id")
        assert abs(agree - 0.93) < 0.01 and wrong == 0 and least >= 3600, (agree, wrong, least)
        pairs, zips = numbers(maria.sql, "SELECT count(DISTINCT zip, city), count(DISTINCT zip) FROM customer")
        near(pairs, zips, 0.15, "zip, city")
        maria.sql("ALTER TABLE customer ADD INDEX place (zip, city)")
        maria.sql("ANALYZE TABLE customer PERSISTENT FOR ALL")
        done = rehearse(bed(), "profile", "--dsn", maria.dsn(), "-o", "m.json")
        assert done.returncode == 0, done.stderr
        maria.sql("CREATE DATABASE second")
        maria.arm("second")
        write(bed().directory, {"second.json": {"name": "second", "target": {"dsn": maria.dsn("second")}, "data": {"profile": "m.json"}}})
        done = rehearse(bed(), "fill", "second.json")
        assert done.returncode == 0, done.stderr
        pairs, zips = numbers(maria.sql, "SELECT count(DISTINCT zip, city), count(DISTINCT zip) FROM second.customer")
        near(pairs, zips, 0.25, "zip, city, as an index of both counts them")


if __name__ == "__main__":
    try:
        main()
    finally:
        if bed.cache_info().currsize > 0:
            bed().server.stop()
