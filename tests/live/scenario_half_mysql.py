#!/usr/bin/python3
"""Three ALTERs whose second fails, on MariaDB: the first stays, and the report says so and how a second run fares."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import find_mariadbd, main, run, workspace, write  # noqa: E402

STATEMENTS = ["ALTER TABLE orders ADD COLUMN tier TINYINT", "ALTER TABLE orders ADD COLUMN note VARCHAR(20)",
              "ALTER TABLE orders ADD COLUMN third INT"]


def half(name, text):
    return run(["run"], write(workspace(), {
        "schema.sql": "CREATE TABLE orders (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, note VARCHAR(40));",
        "read.sql": "\\set id random(1, :orders_rows)\nSELECT note FROM orders WHERE id = :id;\n",
        "way.sql": text,
        "rehearse.json": {
            "name": name,
            "target": {"dsn": "sandbox:mariadb"},
            "data": {"schema": "schema.sql", "tables": {"orders": {"rows": 2000}}},
            "load": {"rate": "100/s", "sessions": 4, "baseline": "2s", "settle": "1s",
                     "apps": {"v1": ["read.sql"]}},
            "strategies": {"half": {"migration": "way.sql"}}}}))


def test_half_of_a_file_stays_and_is_named():
    result = half("half", "# three changes\n" + "".join(f"{s};\n" for s in STATEMENTS))
    assert result.code == 1, (result.code, result.err)
    strategy = result.strategy("half")
    assert strategy["verdict"]["state"] == "fail", strategy["verdict"]
    stays = [left for left in strategy["leftovers"] if "applied and stays" in left]
    assert len(stays) == 1, strategy["leftovers"]
    assert "statement 1 of 3" in stays[0] and "way.sql:2" in stays[0] and STATEMENTS[0] in stays[0], stays
    assert any("statement 2 of 3" in n and "a rerun fails at statement 1 of 3" in n
               for n in strategy["notes"]), strategy["notes"]
    sent = [s["sql"] for p in strategy["phases"] for s in p["statements"]]
    assert sent == STATEMENTS[:2], sent


def test_a_rollback_that_gets_back_leaves_nothing():
    result = half("back", "-- rehearse:strategy half engine=mysql min=10.6\n-- rehearse:phase expand\n" +
                  "".join(f"{s};\n" for s in STATEMENTS) +
                  "-- rehearse:rollback\nALTER TABLE orders DROP COLUMN third;\nALTER TABLE orders DROP COLUMN tier;\n")
    strategy = result.strategy("half")
    assert strategy["verdict"]["state"] == "fail", strategy["verdict"]
    assert strategy["rollback"]["schema_identical"], strategy["rollback"]
    assert strategy["leftovers"] == [], strategy["leftovers"]


def test_a_ddl_in_one_transaction_is_refused_before_anything_starts():
    result = half("refused", "-- rehearse:strategy half engine=mysql\n-- rehearse:phase expand tx=on\n"
                  "INSERT INTO orders (note) VALUES ('x');\n" + STATEMENTS[0] + ";\n")
    assert result.code == 2, (result.code, result.err)
    assert "way.sql:4:1" in result.err and "commits by itself" in result.err and "started" not in result.err, result.err


if __name__ == "__main__":
    find_mariadbd()
    main()
