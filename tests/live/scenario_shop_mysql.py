#!/usr/bin/python3
"""The sample shop of MariaDB, small: the copied table shuts writers out, the phased strategy goes forward and back."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scenario import ROOT, find_mariadbd, main, run, workspace, write  # noqa: E402

SHOP = ROOT / "workloads/examples/shop-mysql"


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
    for large, small in (('"scale": 1', '"scale": 0.1'), ('"400/s"', '"150/s"'),
                         ('"warmup": "2s", "baseline": "8s", "settle": "4s"',
                          '"warmup": "1s", "baseline": "5s", "settle": "2s"')):
        assert large in plan, large
        plan = plan.replace(large, small)
    return write(directory, {"rehearse.json": plan})


def test_copy_against_phased():
    result = run(["run", "--strategy", "copy", "--strategy", "phased"], small_shop(), timeout=300)
    record = result.record
    assert record is not None, result.err
    assert record["complete"] is True and record["candidate"] == "phased"
    assert [s["name"] for s in record["strategies"]] == ["copy", "phased"]
    copy, phased = result.strategy("copy"), result.strategy("phased")
    assert copy["verdict"]["state"] in ("fail", "invalid"), copy["verdict"]
    assert any(e["object"] == "orders" and e["migration_part"] for e in copy["episodes"]), copy["episodes"]
    assert phased["totals"]["failed"] == 0, phased["totals"]
    assert phased["rollback"]["complete"] and phased["rollback"]["schema_identical"], phased["rollback"]
    assert all(c["state"] == "pass" for c in phased["checks"]) and phased["checks"], phased["checks"]
    assert all(p["completed"] for p in phased["phases"])
    assert phased["backfills"][0]["rows"] >= 60_000, phased["backfills"]
    assert copy["totals"]["stall_max_us"] > 2 * phased["totals"]["stall_max_us"], (copy["totals"], phased["totals"])
    phases = [p["name"] for p in phased["phases"]]
    assert phases[0] == "baseline" and "constrain" in phases and "settle" in phases, phases
    html = (result.directory / "report.html").read_text()
    assert "<script src" not in html and "http://" not in html.replace("http://www.w3.org/", ""), "must work offline"
    assert (result.directory / "report.md").read_text().startswith("<!-- rehearse:")


if __name__ == "__main__":
    find_mariadbd()
    main()
