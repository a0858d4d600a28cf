"""For fidelity.sh: one source, filled in several ways, each measured against it by SQL and pg_stats of both sides.

Nothing here asks rehearse how good it is. Literals of the source are those of its profile (surrogates of what was redacted), because
the copy can only have those; everything else is the source's own."""
import argparse
import bisect
import copy
import hashlib
import itertools
import json
import math
import pathlib
import statistics
import subprocess

NUMBERS = ("int2", "int4", "int8", "numeric", "float4", "float8")
MOMENTS = ("date", "timestamp", "timestamptz", "time", "interval")
PLAIN = NUMBERS + MOMENTS + ("text", "varchar", "bpchar", "bool", "uuid", "inet")
# Name, limit (low, high where it is a ratio), ideal. Queries stand apart.
QUANTILES = (.03, .27, .52, .77, .97)  # of rows: the most common values first, or in order
LIMITS = {"mcv": (.01,), "histogram": (.02,), "correlation": (.02,), "nulls max": (.008,), "width": (.02,), "heap": (.97, 1.03),
          "index": (.93, 1.08), "distinct": (1.10,), "distinct max": (), "fan-out": (.05,), "same plan": (.95,), "rows q50": (1.05,),
          "rows q90": (1.7,), "blocks q50": ()}
RATIOS = ("heap", "index", "distinct", "rows q50", "rows q90")
SMALL_PAGES = 32  # below, one page more is per cents
SMALL_ROWS = 200  # below, one row more is


class Database:
    def __init__(self, host, psql, name):
        self.host, self.psql, self.name = host, psql, name

    def dsn(self):
        return f"host={self.host} user=postgres dbname={self.name}"

    def run(self, *statements):
        settings = "SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '64MB'; SET client_min_messages = error;"
        done = subprocess.run([self.psql, "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", self.dsn(), "-f", "-"], text=True,
                              capture_output=True, input=settings + "\n" + "\n".join(s + ";" for s in statements))
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {done.stderr.strip()}: {statements[0][:200]}")
        return done.stdout

    def rows(self, query):
        return json.loads(self.run(f"SELECT coalesce(json_agg(x), '[]') FROM ({query}) x"))

    def explain(self, queries, analyze):
        """Top node by query."""
        how = "ANALYZE, TIMING OFF, BUFFERS, FORMAT JSON" if analyze else "FORMAT JSON"
        out = self.run("SET work_mem = '4MB'", *[f"EXPLAIN ({how}) {q}" for q in queries])
        decoder, plans = json.JSONDecoder(), []
        while out.strip():
            plan, end = decoder.raw_decode(out.lstrip())
            plans.append(plan[0]["Plan"])
            out = out.lstrip()[end:]
        return plans


def name_of(schema, table):
    return '"%s"."%s"' % (schema.replace('"', '""'), table.replace('"', '""'))


def column_name(name):
    return '"%s"' % name.replace('"', '""')


def literal(value, kind):
    return "'%s'::%s" % (value.replace("'", "''"), kind)


# ---- statistics ----

def statistics_of(db):
    """By (table, column); a partitioned table's are of all its rows."""
    query = """SELECT s.schemaname s, s.tablename t, s.attname c, null_frac n, avg_width w, n_distinct d, correlation r,
        to_json(most_common_vals::text::text[]) m, most_common_freqs f, to_json(histogram_bounds::text::text[]) b FROM pg_stats s
        JOIN pg_namespace n ON n.nspname = s.schemaname JOIN pg_class k ON k.relnamespace = n.oid AND k.relname = s.tablename
        WHERE s.schemaname NOT IN ('pg_catalog', 'information_schema') AND inherited = (relkind = 'p') AND NOT relispartition"""
    return {(name_of(r["s"], r["t"]), r["c"]): {
        "null": r["n"], "width": r["w"], "order": r["r"], "mcv": list(zip(r["m"] or [], r["f"] or [])), "bounds": r["b"] or []}
        for r in db.rows(query)}


def with_literals_of(profile, stats):
    """The source's statistics, but values as the profile writes them; None where it says none."""
    told = {}
    for table in profile["tables"]:
        for column in table["columns"]:
            key = (name_of(table["schema"], table["name"]), column["name"])
            if key in stats:
                told[key] = {**stats[key], "mcv": [tuple(a) for a in column.get("mcv", [])], "bounds": column.get("bounds", [])}
    return told


def places(db, column, texts):
    """Where literals stand: on their axis, or by rank in the server's order. None: nobody can say."""
    kind = column["type"]
    if column["base"] in NUMBERS:
        return {t: float(t) for t in texts}
    if not texts or column["base"] in ("json", "xml", "point", "box"):
        return None
    what = "extract(epoch FROM v)" if column["base"] in MOMENTS else "dense_rank() OVER (ORDER BY v)"
    values = ", ".join(f"({i}, {literal(t, kind)})" for i, t in enumerate(texts))
    ranked = db.rows(f"SELECT i, {what} AS p FROM (VALUES {values}) x(i, v)")
    return {texts[r["i"]]: float(r["p"]) for r in ranked}


def unlisted(side):
    listed = side["null"] + sum(f for _, f in side["mcv"])
    return 0 if not side["mcv"] or listed > .9999 or not side["bounds"] else min(f for _, f in side["mcv"])


def common(a, b, ranks):
    """Total variation of common values; what one list lacks can be as common as the other's rarest."""
    key = (lambda s: dict(enumerate(f for _, f in s["mcv"]))) if ranks else (lambda s: dict(s["mcv"]))
    left, right = key(a), key(b)
    both = sum(abs(left[v] - right[v]) for v in left if v in right)
    return (both + sum(max(0, f - unlisted(b)) for v, f in left.items() if v not in right)
            + sum(max(0, f - unlisted(a)) for v, f in right.items() if v not in left)) / 2


class Curve:
    """Shares of the rows that are not null, by place."""

    def __init__(self, side, place):
        present, shares = 1 - side["null"], sorted((place[v], f) for v, f in side["mcv"])
        self.bounds, self.atoms = [place[t] for t in side["bounds"]], [at for at, _ in shares]
        self.sums = [0, *itertools.accumulate(f / present for _, f in shares)]
        self.filled = max(0, 1 - self.sums[-1])

    def below(self, at, passes):
        """passes: bisect_left, below it; bisect_right, or at it."""
        bounds, atoms, passed = self.bounds, self.sums[passes(self.atoms, at)], passes(self.bounds, at)
        if len(bounds) < 2 or passed == 0:
            return min(1, atoms)
        if passed == len(bounds):
            return min(1, atoms + self.filled)
        low, high = bounds[passed - 1], bounds[passed]
        within = (at - low) / (high - low) if high > low else 0
        return min(1, atoms + self.filled * (passed - 1 + within) / (len(bounds) - 1))


def largest_distance(a, b, place):
    for side in (a, b):
        if side["null"] >= 1 or (len(side["bounds"]) < 2 and sum(f for _, f in side["mcv"]) < .98 * (1 - side["null"])):
            return None
        if any(place[x] > place[y] for x, y in itertools.pairwise(side["bounds"])):
            return None
    left, right = Curve(a, place), Curve(b, place)
    return max(abs(left.below(at, passes) - right.below(at, passes)) for at in set(place.values())
               for passes in (bisect.bisect_left, bisect.bisect_right))


def compare_statistics(db, columns, a, b):
    """columns: by (table, column), the profile's, with "reference": part of a foreign key."""
    found = {m: {} for m in ("mcv", "histogram", "correlation", "nulls", "width")}
    for key, column in columns.items():
        if key not in a or key not in b:
            continue
        left, right = a[key], b[key]
        where = f"{key[0]}.{key[1]}".replace('"', "").replace("public.", "")
        found["nulls"][where] = abs(left["null"] - right["null"])
        if left["width"] > 0 and right["width"] > 0:
            found["width"][where] = abs(right["width"] / left["width"] - 1)
        if left["order"] is not None and right["order"] is not None and column["rows"] >= SMALL_ROWS:
            found["correlation"][where] = abs(left["order"] - right["order"])
        if column["rows"] >= SMALL_ROWS and (left["mcv"] or left["bounds"]) and (right["mcv"] or right["bounds"]):
            texts = sorted({v for s in (left, right) for v in [m for m, _ in s["mcv"]] + s["bounds"]})
            if left["mcv"] or right["mcv"]:
                found["mcv"][where] = common(left, right, column["reference"])
            place = places(db, column, texts)
            distance = largest_distance(left, right, place) if place is not None else None
            if distance is not None and not column["reference"]:  # keys are the copy's own
                found["histogram"][where] = distance
    return found


# ---- counts ----

def columns_of(profile):
    columns = {}
    for table in profile["tables"]:
        if table["kind"] in ("", "partitioned"):
            referring = {c for r in table["references"] for c in r["columns"]}
            for column in table["columns"]:
                key = (name_of(table["schema"], table["name"]), column["name"])
                columns[key] = {**column, "reference": column["name"] in referring, "rows": table["rows"]}
    return columns


def distinct_of(db, columns):
    parts = [f"SELECT {i} i, count(*) n FROM (SELECT DISTINCT {column_name(c)}::text FROM {t} WHERE {column_name(c)} IS NOT NULL) x"
             for i, (t, c) in enumerate(columns)]
    counted = {}
    for at in range(0, len(parts), 8):
        counted |= {r["i"]: r["n"] for r in db.rows(" UNION ALL ".join(parts[at:at + 8]))}
    return {key: counted[i] for i, key in enumerate(columns)}


def pages_of(db):
    """By table, partitions joined; by index. Small ones are left out later."""
    query = """SELECT coalesce(n.nspname || '.' || r.relname, '') t, k.relname i, k.relkind, sum(pg_relation_size(k.oid)) / 8192 p
        FROM pg_class k LEFT JOIN pg_index x ON x.indexrelid = k.oid
        JOIN pg_class r ON r.oid = coalesce(pg_partition_root(coalesce(x.indrelid, k.oid)), x.indrelid, k.oid)
        JOIN pg_namespace n ON n.oid = r.relnamespace WHERE k.relkind IN ('r', 'i') AND nspname !~ '^pg_|^information_schema$'
        GROUP BY 1, 2, 3"""
    heap, index = {}, {}
    for r in db.rows(query):
        if r["relkind"] == "r":
            heap[r["t"]] = heap.get(r["t"], 0) + r["p"]
        else:
            index[r["t"] + "." + r["i"]] = r["p"]
    return {"heap": heap, "index": index}


def references_of(db):
    query = """SELECT conname n, conrelid::regclass::text c, confrelid::regclass::text p,
        (SELECT json_agg(quote_ident(attname) ORDER BY o) FROM unnest(conkey) WITH ORDINALITY k(a, o) JOIN pg_attribute
            ON attrelid = conrelid AND attnum = a) k,
        (SELECT json_agg(quote_ident(attname) ORDER BY o) FROM unnest(confkey) WITH ORDINALITY k(a, o) JOIN pg_attribute
            ON attrelid = confrelid AND attnum = a) f FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 ORDER BY 2, 1"""
    return db.rows(query)


def fan_outs(db):
    """By foreign key: share of the parents with at most so many children, as a list of (children, parents)."""
    found = {}
    for r in references_of(db):
        keys = ", ".join(r["k"])
        whole = " AND ".join(f"{k} IS NOT NULL" for k in r["k"])
        counts = db.rows(f"SELECT n, count(*) p FROM (SELECT count(*) n FROM {r['c']} WHERE {whole} GROUP BY {keys}) x GROUP BY 1")
        parents = db.rows(f"SELECT count(*) n FROM {r['p']}")[0]["n"]
        found[r["c"] + "." + ",".join(r["k"])] = sorted([(c["n"], c["p"]) for c in counts] + [(0, parents - sum(c["p"] for c in counts))])
    return found


def fan_out_distance(a, b):
    worst = 0
    totals = [sum(p for _, p in s) for s in (a, b)]
    if 0 in totals:
        return None
    for n in {n for n, _ in a + b}:
        worst = max(worst, abs(sum(p for m, p in a if m <= n) / totals[0] - sum(p for m, p in b if m <= n) / totals[1]))
    return worst


# ---- queries ----

def dice(*what):
    return int.from_bytes(hashlib.md5("|".join(map(str, what)).encode()).digest()[:6], "big")


def chosen(candidates, count):
    """So many, but no table more often than another while others have some."""
    by_table, taken = {}, []
    for c in sorted(candidates, key=lambda c: dice(*c)):
        by_table.setdefault(c[1], []).append(c)
    while len(taken) < count and any(by_table.values()):
        for table in sorted(by_table):
            if by_table[table] and len(taken) < count:
                taken.append(by_table[table].pop(0))
    return taken


def templates(db, columns, distinct):
    """(kind, table, conditions, reference): a condition is (side, column, equal or range, quantile)."""
    usable = {}
    for (table, column), about in columns.items():
        if about["rows"] >= 1000 and about["base"] in PLAIN and distinct[table, column] > 1:
            usable.setdefault(table, []).append(column)

    def is_key(table, column):  # how many children one row of its own has, no quantile tells
        about = columns[table, column]
        return distinct[table, column] > .5 * about["rows"] * (1 - about.get("null_ratio", 0)) and about["base"] not in NUMBERS + MOMENTS

    def condition(side, table, column, salt):
        several = distinct[table, column] < columns[table, column]["rows"] * .5
        ranged = columns[table, column]["base"] in NUMBERS + MOMENTS and distinct[table, column] > 20
        how = "equal" if not ranged or (several and dice(salt, table, column) % 2) else "range"
        return (side, table, column, how, QUANTILES[dice(salt, column, table) % len(QUANTILES)])

    single = [("single", t, (condition("a", t, c, s),), None) for t in usable for c in usable[t] for s in ("first", "second")]
    several = [("several", t, (condition("a", t, c, "m"), condition("a", t, d, "n")), None)
               for t in usable for c in usable[t] for d in usable[t] if c < d]
    joined = []
    for i, r in enumerate(references_of(db)):
        child, parent = (next((k for k in usable if k.replace('"', "").removeprefix("public.") == r[s].replace('"', "")), None)
                         for s in "cp")
        for side, table in (("a", child), ("b", parent)):
            joined += [("join", child, (condition(side, table, c, "j"),), i) for c in usable.get(table, [])
                       if child is not None and not is_key(table, c)]
    return chosen(set(single), 20) + chosen(set(joined), 14) + chosen(set(several), 14)


def range_end(quantile):
    return min(1, round(quantile + .1, 2))


def quantiles(db, table, column, how, asked):
    """By quantile: [value, quantile in the middle of its rows]. equal: the most common values first; range: in order."""
    c = column_name(column)
    order = "n DESC, v" if how == "equal" else "v"
    picks = ", ".join(f"(SELECT json_build_array(t, m) FROM x WHERE q >= {q} ORDER BY q LIMIT 1) AS \"{q}\"" for q in asked)
    return db.rows(f"""WITH y AS MATERIALIZED (SELECT {c} v, count(*) n FROM {table} WHERE {c} IS NOT NULL GROUP BY 1),
        x AS MATERIALIZED (SELECT v::text t, q, q - n / s / 2 m FROM (SELECT v, n, sum(n) OVER (ORDER BY {order}) / sum(n) OVER () q,
        sum(n) OVER () s FROM y) z) SELECT {picks}""")[0]


def parameters(source, copied, cache, column, kind, how, quantile):
    """Literals of both databases: of a value the same as common, or of the same place in the order."""
    table, name = column
    key = (table, name, how)
    if key not in cache:
        asked = sorted({e for q in QUANTILES for e in (q, range_end(q))})
        cache[key] = quantiles(source, table, name, how, asked)
    ours = [cache[key][str(q)] for q in ((quantile,) if how == "equal" else (quantile, range_end(quantile)))]
    if copied is None:
        return [literal(v, kind) for v, _ in ours]
    middles = [round(m, 6) for _, m in ours]
    theirs = quantiles(copied, table, name, how, sorted(set(middles)))
    return [literal(theirs[str(m)][0], kind) for m in middles]


def queries_for(source, copied, cache, columns, wanted):
    """copied: None for those of the source itself."""
    references, queries = references_of(source), []
    for kind, table, conditions, at in wanted:
        where = []
        for side, of, column, how, quantile in conditions:
            values = parameters(source, copied, cache, (of, column), columns[of, column]["type"], how, quantile)
            name = f"{side}.{column_name(column)}"
            where.append(f"{name} = {values[0]}" if how == "equal" else f"{name} BETWEEN {values[0]} AND {values[1]}")
        tables = f"{table} a"
        if kind == "join":
            r = references[at]
            on = " AND ".join(f"a.{k} = b.{f}" for k, f in zip(r["k"], r["f"]))
            tables = f"{r['c']} a JOIN {r['p']} b ON {on}"
        queries.append(f"SELECT * FROM {tables} WHERE {' AND '.join(where)}")
    return queries


def shape(plan):
    index = plan.get("Index Name", "")
    return (plan["Node Type"], plan.get("Relation Name"), index, tuple(shape(p) for p in plan.get("Plans", [])))


def compare_plans(wanted, a, b, analyzed):
    found = {}
    for kind in ("all", "single", "join", "several"):
        pairs = [(x, y) for w, x, y in zip(wanted, a, b) if kind in ("all", w[0])]
        if not pairs:
            continue
        q = lambda key: sorted(max((max(1, x[key]) / max(1, y[key])), (max(1, y[key]) / max(1, x[key]))) for x, y in pairs)
        rows = q("Actual Rows") if analyzed else [1]
        touched = [[p["Shared Hit Blocks"] + p["Shared Read Blocks"] for p in pair] for pair in pairs] if analyzed else [[1, 1]]
        found[kind] = {"same": sum(shape(x) == shape(y) for x, y in pairs) / len(pairs), "count": len(pairs),
                       "q50": statistics.median(rows), "q90": rows[min(len(rows) - 1, math.ceil(.9 * len(rows)) - 1)],
                       "blocks": statistics.median(max(max(1, x) / max(1, y), max(1, y) / max(1, x)) for x, y in touched)}
    return found


# ---- one copy ----

def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else None


def furthest(ratios):
    return max(ratios, key=lambda r: abs(math.log(r)), default=None)


def summary(found):
    """found: by metric, by place."""
    error = [max(r, 1 / r) for r in found.get("distinct", {}).values()]
    plans = found.get("plans", {}).get("all", {})
    return {"mcv": mean(found["mcv"].values()), "histogram": mean(found["histogram"].values()),
            "correlation": mean(found["correlation"].values()), "nulls max": max(found["nulls"].values()),
            "width": mean(found["width"].values()), "heap": furthest(found.get("heap", {}).values()),
            "index": furthest(found.get("index", {}).values()),
            "distinct": math.exp(mean(map(math.log, error))) if error else 1, "distinct max": max(error, default=1),
            "fan-out": max(found.get("fan-out", {}).values(), default=0), "same plan": plans.get("same"), "rows q50": plans.get("q50"),
            "rows q90": plans.get("q90"), "blocks q50": plans.get("blocks")}


def excess(metric, value, noise):
    """1: at its limit."""
    limit = LIMITS[metric]
    if value is None or not limit:
        return None
    if metric == "same plan":
        return (1 - value) / max(1 - limit[0], 2 * (1 - (noise if noise is not None else 1)))
    if metric in RATIOS:
        room = limit[-1] - 1 if value >= 1 else 1 - limit[0]
        return abs(value - 1) / max(room, 2 * abs((noise or 1) - 1))
    return value / max(limit[0], 2 * (noise or 0))


def score(told, noise):
    grades = [excess(m, told[m], noise[m]) for m in LIMITS]
    logs = [math.log(min(1, 1 / g)) if g > 1 else 0 for g in grades if g is not None]
    return math.exp(sum(logs) / len(logs))


# ---- what is filled ----

def columns_in(profile):
    return [c for t in profile["tables"] for c in t["columns"]]


def naive(profile):
    """What the server reports is the truth; nothing is in any order; children are even over as many parents as reported."""
    for table in profile["tables"]:
        for column in table["columns"]:
            column.pop("correlation", None)
            reported = column.get("distinct_reported", 0)
            if reported:
                column["distinct"] = reported if reported > 0 else max(1, round(-reported * table["rows"]))
                column["distinct_by"] = "reported"
            column.pop("counts", None)
        for index in table["indexes"]:
            index.pop("prefix_distinct", None)
        for reference in table["references"]:
            reference.pop("counts", None)
        table["groups"] = []


def shuffled(profile):
    for column in columns_in(profile):
        column.pop("correlation", None)


def halved(profile):
    for table in profile["tables"]:
        unique = {i["columns"][0] for i in table["indexes"] if i.get("unique") and len(i["columns"]) == 1}
        for column in table["columns"]:
            if column.get("distinct", 0) > 1 and column["name"] not in unique:
                column["distinct"] = max(1, column["distinct"] // 2)
                column["distinct_by"] = "reported"


class Bench:
    def __init__(self, args):
        self.args, self.dir = args, pathlib.Path(args.directory)
        self.source = self.db(args.source)
        self.postgres = self.db("postgres")

    def db(self, name):
        return Database(self.args.host, self.args.psql, name)

    def rehearse(self, *words):
        done = subprocess.run([self.args.rehearse, *words], capture_output=True, text=True, cwd=self.dir)
        if done.returncode != 0:
            raise RuntimeError(f"rehearse {' '.join(words)}: {done.returncode}: {done.stderr[-2000:]}")

    def profile(self):
        self.rehearse("profile", "--dsn", self.source.dsn(), "-o", "l0.json")
        self.rehearse("profile", "--dsn", self.source.dsn(), "--counts", "-o", "l1.json")
        self.l0 = json.loads((self.dir / "l0.json").read_text())

    def fresh_pages(self):
        """Of the source as if it had just been written."""
        self.postgres.run("CREATE DATABASE fresh TEMPLATE " + self.args.source)
        fresh = self.db("fresh")
        fresh.run("VACUUM FULL")
        pages = pages_of(fresh)
        self.postgres.run("DROP DATABASE fresh")
        return pages

    def look_at_source(self):
        self.columns = columns_of(self.l0)
        self.stats = statistics_of(self.source)
        self.told = with_literals_of(self.l0, self.stats)
        self.fresh = self.fresh_pages()
        self.distinct = distinct_of(self.source, self.columns)
        self.fan_out = fan_outs(self.source)
        self.wanted = templates(self.source, self.columns, self.distinct)
        self.cache = {}
        self.queries = queries_for(self.source, None, self.cache, self.columns, self.wanted)
        self.plans = self.source.explain(self.queries, True)

    def noise(self):
        self.source.run("ANALYZE")
        found = compare_statistics(self.source, self.columns, self.stats, statistics_of(self.source))
        found["heap"] = found["index"] = {"all": 1}
        found["plans"] = compare_plans(self.wanted, self.plans, self.source.explain(self.queries, False), False)
        return found

    def fill(self, name, profile):
        (self.dir / f"{name}-p.json").write_text(json.dumps(profile))
        self.postgres.run(f"CREATE DATABASE {name} TEMPLATE template0")
        copied = self.db(name)
        self.rehearse("arm", copied.dsn(), "--name", name)
        plan = {"name": name, "target": {"dsn": copied.dsn()}, "data": {"profile": f"{name}-p.json", **json.loads(self.args.data)}}
        (self.dir / f"{name}.json").write_text(json.dumps(plan))
        self.rehearse("fill", f"{name}.json")
        copied.run("VACUUM ANALYZE")
        return copied

    def measure(self, copied):
        found = compare_statistics(copied, self.columns, self.told, statistics_of(copied))
        pages = pages_of(copied)
        for kind in ("heap", "index"):
            found[kind] = {k: pages[kind][k] / n for k, n in self.fresh[kind].items() if n >= SMALL_PAGES and pages[kind].get(k)}
        distinct = distinct_of(copied, self.columns)
        found["distinct"] = {f"{t}.{c}".replace('"', "").replace("public.", ""): distinct[t, c] / n
                             for (t, c), n in self.distinct.items() if n > 0 and distinct[t, c] > 0
                             and not self.columns[t, c]["type"].endswith("range")}  # of ranges ANALYZE always says: all different
        there = fan_outs(copied)
        distances = {k: fan_out_distance(v, there[k]) for k, v in self.fan_out.items() if k in there}
        found["fan-out"] = {k: d for k, d in distances.items() if d is not None}
        self.asked = queries_for(self.source, copied, self.cache, self.columns, self.wanted)
        found["plans"] = compare_plans(self.wanted, self.plans, copied.explain(self.asked, True), True)
        return found


def print_row(name, told, noise, judged):
    cells = []
    for m in LIMITS:
        over = excess(m, told[m], noise[m])
        mark = "!" if judged and over is not None and over > 1 else " "
        cells.append("%8s%s" % ("-" if told[m] is None else ("%.3f" if m in RATIOS or "max" in m else "%.4f") % told[m], mark))
    print("%-9s" % name, *cells, " %.3f" % score(told, noise))


def print_worst(name, found, told, noise, worst):
    for metric in LIMITS:
        over = excess(metric, told[metric], noise[metric])
        if over is None or over <= 1 or metric in ("same plan", "rows q50", "rows q90"):
            continue
        places = found[metric.removesuffix(" max")]
        far = sorted(places.items(), key=lambda p: -abs(math.log(p[1])) if metric in RATIOS else -p[1])[:worst]
        print(f"{name} misses {metric}: " + ", ".join(f"{k} {v:.4g}" for k, v in far))
    for kind, q in found["plans"].items():
        print(f"{name} queries, {kind}: {q['count']}, same plan {q['same']:.3f}, rows q median {q['q50']:.3f} p90 {q['q90']:.3f}, "
              f"blocks q median {q['blocks']:.3f}")


def print_queries(bench, copied, worst):
    plans = copied.explain(bench.asked, True)
    error = lambda x, y: max(max(1, x) / max(1, y), max(1, y) / max(1, x))
    rows = sorted(zip(bench.plans, plans, bench.queries), key=lambda r: -error(r[0]["Actual Rows"], r[1]["Actual Rows"]))
    for a, b, query in rows[:worst]:
        print(f"  rows {a['Actual Rows']} / {b['Actual Rows']}: {query[:200]}")
    for a, b, query in rows:
        if shape(a) != shape(b):
            print(f"  plan {shape(a)} / {shape(b)}: {query[:160]}")


def main():
    words = argparse.ArgumentParser()
    for name in ("host", "psql", "rehearse", "directory", "source"):
        words.add_argument(name)
    words.add_argument("--data", default="{}", help="more of the plan's data, as JSON")
    words.add_argument("--only", default="l0,l1,naive,shuffled,halved")
    words.add_argument("--worst", type=int, default=6)
    words.add_argument("--queries", type=int, default=0, help="print so many of the worst queries")
    words.add_argument("--figures", help="a file for all figures of l0 and l1, by column and query, as JSON")
    words.add_argument("--keep", action="store_true")
    bench = Bench(words.parse_args())
    bench.profile()
    bench.look_at_source()
    found = {"noise": bench.noise()}
    noise = summary(found["noise"])
    l1 = json.loads((bench.dir / "l1.json").read_text())
    print(f"\n{bench.args.source}: {sum(t['rows'] for t in bench.l0['tables'] if t['kind'] != 'partitioned'):.0f} rows, "
          f"{len(bench.columns)} columns, {len(bench.queries)} queries")
    print("%-9s" % "", *["%9s" % m.replace("distinct max", "dist max") for m in LIMITS], " score")
    print("%-9s" % "limit", *["%8s " % "..".join("%g" % x for x in LIMITS[m]) for m in LIMITS])
    print_row("noise", noise, noise, False)
    scores, missed = {}, []
    for name in bench.args.only.split(","):
        profile = copy.deepcopy(l1 if name == "l1" else bench.l0)
        spoil = {"naive": naive, "shuffled": shuffled, "halved": halved}.get(name)
        if spoil is not None:
            spoil(profile)
        copied = bench.fill(name, profile)
        found[name] = bench.measure(copied)
        told = summary(found[name])
        if name == "l0":  # fan-out has a limit where it was counted
            told_judged = {**told, "fan-out": None}
            missed += [f"{name} {m}" for m in LIMITS if (excess(m, told_judged[m], noise[m]) or 0) > 1]
        elif name == "l1":
            missed += [f"{name} {m}" for m in LIMITS if (excess(m, told[m], noise[m]) or 0) > 1]
        print_row(name, told, noise, True)
        scores[name] = score(told, noise)
        if name in ("l0", "l1"):
            if bench.args.queries:
                print_queries(bench, copied, bench.args.queries)
        if not bench.args.keep:
            bench.postgres.run(f"DROP DATABASE {name}")
    if bench.args.figures:
        pathlib.Path(bench.args.figures).write_text(json.dumps({n: found[n] for n in ("noise", "l0", "l1") if n in found}, indent=1))
    for name in ("l0", "l1"):
        if name in found:
            print_worst(name, found[name], summary(found[name]), noise, bench.args.worst)
    for name in ("naive", "shuffled", "halved"):
        if name in scores and scores[name] >= scores.get("l0", 1):
            missed.append(f"the score of {name} does not drop")
    print(f"{bench.args.source}: " + ("all met" if not missed else "MISSED: " + ", ".join(missed)))
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
