#!/usr/bin/python3
"""The sample shop, small: naive is an outage, the phased strategies go forward and back."""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import REHEARSE, ROOT, jsonschema, main, run, workspace, write  # noqa: E402

SHOP = ROOT / "workloads/examples/shop-postgresql"


def small_shop():
    """A copy of the shop with fewer rows and shorter holds."""
    directory = workspace()
    for source in SHOP.rglob("*"):
        if source.is_file():
            text = source.read_text()
            text = re.sub(r"hold=\d+s", "hold=1s", text)
            text = re.sub(r"rehearse:wait \d+s", "rehearse:wait 1s", text)
            write(directory, {str(source.relative_to(SHOP)): text})
    plan = (directory / "rehearse.json").read_text()
    plan = plan.replace('"scale": 1', '"scale": 0.1')
    plan = plan.replace('"500/s"', '"150/s"').replace('"warmup": "2s", "baseline": "8s", "settle": "4s"',
                                                     '"warmup": "1s", "baseline": "5s", "settle": "2s"')
    return write(directory, {"rehearse.json": plan})


def test_all_strategies():
    directory = small_shop()
    result = run(["run"], directory, timeout=400)
    record = result.record
    assert record["complete"] is True and record["candidate"] == "phased"
    assert [s["name"] for s in record["strategies"]] == ["naive", "phased", "fast-default", "last-login"]
    assert record["data"]["fidelity"]["score_ratio"] > 0.5, record["data"]["fidelity"]
    naive = result.strategy("naive")
    assert naive["verdict"]["state"] in ("fail", "invalid"), naive["verdict"]
    assert any(e["lock_mode"] == "ACCESS EXCLUSIVE" and e["object"] == "orders" for e in naive["episodes"])
    assert "ACCESS EXCLUSIVE" in naive["verdict"]["sentence"], naive["verdict"]
    for name in ("phased", "fast-default"):
        strategy = result.strategy(name)
        assert strategy["totals"]["failed"] == 0, strategy["totals"]
        assert strategy["rollback"]["complete"] and strategy["rollback"]["schema_identical"], strategy["rollback"]
        assert all(c["state"] == "pass" for c in strategy["checks"]) and strategy["checks"], strategy["checks"]
        assert all(p["completed"] for p in strategy["phases"])
        assert strategy["backfills"][0]["rows"] > 0
    assert naive["totals"]["stall_max_us"] > 2 * result.strategy("phased")["totals"]["stall_max_us"]
    phases = [p["name"] for p in result.strategy("phased")["phases"]]
    assert phases[0] == "baseline" and "contract" in phases and "settle" in phases, phases
    html = (result.directory / "report.html").read_text()
    assert "<script src" not in html and "http://" not in html.replace("http://www.w3.org/", ""), "must work offline"
    assert (result.directory / "report.md").read_text().startswith("<!-- rehearse:")


def test_the_profiles_in_the_tree_hold_no_value():
    """They are made from shops that are written down: what stands in quotes there is in no profile, but what the schema lists."""
    schema = json.loads((ROOT / "docs/profile.schema.json").read_text())
    for shop in (SHOP, ROOT / "workloads/examples/shop-mysql"):
        profile = (shop / "profile.json").read_text()
        jsonschema.Draft202012Validator(schema).validate(json.loads(profile))
        words = set(re.findall(r"'([A-Za-z-]{4,})", (shop / "source.sql").read_text())) - {"JSON_HB"}
        assert len(words) > 40 and "Lovelace" in words, words
        found = {word for word in words if re.search(rf"\b{word}\b", profile)}
        assert found <= {"product"}, f"{shop.name}: {found}"  # order_items.product, products: names of the schema


def test_report_renders_a_record_again():
    import subprocess
    directory = workspace()
    record = ROOT / "tests/golden/sample-record.json"
    done = subprocess.run([REHEARSE, "report", record, "--html", directory / "r.html", "--md", directory / "r.md"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (directory / "r.html").stat().st_size > 20_000 and (directory / "r.md").stat().st_size < 60_000
    broken = json.loads(record.read_text())
    del broken["complete"]
    write(directory, {"broken.json": broken})
    done = subprocess.run([REHEARSE, "report", directory / "broken.json"], capture_output=True, text=True)
    assert done.returncode != 0 and "complete" in done.stderr, done.stderr


if __name__ == "__main__":
    main()
