"""`perfgate site` over seeded runs: what lies in the folder, whatever is in the history."""

import json
import os
import re
import shutil
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser

import pytest

from perfgate.application.site import writing
from perfgate.history.store import open_history
from perfgate.report.site import assets
from perfgate.testing import SEEDED_TESTBED, seeded_run
from tests.support.hostile import HOSTILE
from tests.support.paths import ROOT

ATOM = "{http://www.w3.org/2005/Atom}"
REQUESTS = {"create_pet": {"POST /pet": 10.0}, "order_pet": {"POST /store/order": 8.0, "GET /store/order/{id}": 4.0}}
OTHER = replace(SEEDED_TESTBED, id="9b1d07aa31c2f604", cpu_model="Intel Xeon Platinum 8370C")


@pytest.fixture(autouse=True)
def library(monkeypatch):
    """The library takes a second to bundle; the tests in the browser have the real one."""
    pytest.importorskip("vl_convert")
    monkeypatch.setattr(assets, "library", partial(str, "// Vega\n"))


@pytest.fixture
def keep(folder):
    """Put seeded runs into a history: keep(range(3), change=0.0, scenarios=REQUESTS, branch=...)."""

    def save(numbers, path=".perfgate/local.db", change=0.0, scenarios=REQUESTS, **record):
        with closing(open_history(folder / path, create=True)) as history:
            for number in numbers:
                run = seeded_run(number, scenarios, rounds=1, requests_per_round=60, change=change)
                history.save_run(replace(run, record=replace(run.record, **record)))

    return save


@pytest.fixture
def site(perfgate, folder):
    """Write the site and read its files: site("--url", ...) -> {path: text}."""

    def written(*options):
        done = perfgate("site", "public", *options)
        assert (done.code, done.err) == (0, "")
        return files_of(folder / "public")

    return written


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def data_in(script):
    return json.loads(re.fullmatch(r"\(window\.perfgate \|\|= {}\)\.\w+ = (.*);\n", script, re.DOTALL)[1])


def verdict_in(page):
    return re.findall(r'<span class="outcome ?\w*">([\w ]+)</span>', page)


def test_a_site_has_a_page_a_badge_and_data_for_each_scenario(site, keep):
    keep(range(8))
    files = site()
    shared = [
        "assets/site.css",
        "assets/site.js",
        "assets/vega.js",
        "badge.svg",
        "data/runs.js",
        "feed.xml",
        "index.html",
    ]
    own = [
        path.format(name)
        for name in REQUESTS
        for path in ("badges/{}.svg", "data/{}.js", "data/{}.0.js", "scenarios/{}.html")
    ]
    assert sorted(files) == sorted([*shared, *own, "perfgate-site.json"])
    assert 'href="scenarios/order_pet.html"' in files["index.html"]
    assert "8 runs of 2 scenarios" in files["index.html"]


def test_no_page_names_anything_outside_but_commits(site, keep):
    keep(range(8))
    files = site("--commit-url", "https://example.com/{sha}")
    for path, text in files.items():
        addresses = re.findall(r"""(?:src|href)=["']([^"']*)""", text)
        outside = [one for one in addresses if ":" in one and not one.startswith(("data:,", "https://example.com/"))]
        assert outside == [], path
        assert "url(" not in text or path.endswith(".svg"), path
    assert "default-src 'none'" in files["index.html"]
    commit = seeded_run(7, rounds=1, requests_per_round=1).record.commit
    assert f'href="https://example.com/{commit}"' in files["index.html"]


def test_the_data_are_what_the_trend_says(site, keep, perfgate):
    keep(range(8))
    keep(range(3, 6), testbed=OTHER, path=".perfgate/local.db")
    files = site()
    told = json.loads(perfgate("trend", "create_pet", "--json", "-").out)["trends"]
    series, runs = data_in(files["data/create_pet.js"]), data_in(files["data/runs.js"])
    (panel,) = [one for one in series["panels"] if one["statistic"] == "http_req_duration med"]
    points = {point["started_at"]: point["value"] for trend in told for point in trend["points"]}
    assert panel["values"] == pytest.approx([points[moment] for moment in sorted(points)], rel=1e-3)
    assert len(runs["times"]) == series["count"] == 8
    assert {len(panel["values"]) for panel in series["panels"]} == {8}


def test_a_scenario_that_not_every_run_measured_says_which_did(site, keep):
    keep(range(4), scenarios={"create_pet": REQUESTS["create_pet"]})
    keep(range(4, 7))
    files = site()
    assert data_in(files["data/create_pet.js"])["places"] is None
    series = data_in(files["data/order_pet.js"])
    assert (series["places"], series["count"]) == ([4, 5, 6], 3)


def test_the_last_verdict_is_that_of_compare(site, keep, perfgate):
    keep(range(12))
    keep([12], change=1.0)
    rows = json.loads(perfgate("compare", "--json", "-", "--quiet").out)["rows"]
    assert {row["verdict"] for row in rows if row["scenario"] == "create_pet" and row["stat"] == "med"} == {"regressed"}
    files = site()
    assert verdict_in(files["index.html"]) == ["regressed", "regressed"]
    assert verdict_in(files["scenarios/create_pet.html"]) == ["regressed"]
    assert "POST /pet http_req_duration med +" in files["index.html"]
    assert "performance: regressed" in files["badge.svg"]
    assert "create_pet: regressed" in files["badges/create_pet.svg"]


def test_a_scenario_that_is_gone_is_not_judged_and_spoils_no_badge(site, keep):
    keep(range(12))
    keep([12], change=1.0)
    assert "performance: regressed" in site()["badge.svg"]
    keep(range(13, 34), scenarios={"create_pet": REQUESTS["create_pet"]})
    files = site()
    assert "order_pet: not judged" in files["badges/order_pet.svg"]
    assert verdict_in(files["scenarios/order_pet.html"]) == ["not judged"]
    (own,) = verdict_in(files["scenarios/create_pet.html"])
    assert own in ("no regression", "undecided")
    assert f"performance: {own}" in files["badge.svg"]


def test_every_testbed_has_its_verdict(site, keep):
    keep(range(12), scenarios={"create_pet": REQUESTS["create_pet"]})
    keep(range(12, 24), scenarios={"create_pet": REQUESTS["create_pet"]}, testbed=OTHER)
    keep([24], scenarios={"create_pet": REQUESTS["create_pet"]}, change=1.0)
    page = site()["scenarios/create_pet.html"]
    assert verdict_in(page)[0] == "regressed"
    assert "regressed" not in verdict_in(page)[1:]
    assert page.index("AMD EPYC 7763") < page.index("Intel Xeon Platinum 8370C")


def feed_in(files):
    feed = ET.fromstring(files["feed.xml"])
    entries = feed.findall(f"{ATOM}entry")
    return feed, [{child.tag.removeprefix(ATOM): child for child in entry} for entry in entries]


def test_a_slower_commit_is_an_entry_of_the_feed_that_keeps_its_id(site, keep):
    keep(range(20))
    keep(range(20, 30), change=0.5)
    files = site("--url", "https://octo.github.io/pets")
    feed, (entry,) = feed_in(files)
    record = seeded_run(20, rounds=1, requests_per_round=1).record
    commit, second = record.commit, round(record.started_at)
    assert re.fullmatch(r"(create|order)_pet.*: \S+ .*\(worse\) and \d+ more", entry["title"].text)
    assert "create_pet POST /pet: http_req_duration med +" in entry["content"].text
    assert entry["link"].get("href").startswith("https://octo.github.io/pets/scenarios/")
    assert entry["link"].get("href").endswith(f".html#{commit}@{second}")
    assert commit[:7] in entry["content"].text
    assert feed.find(f"{ATOM}link[@rel='self']").get("href") == "https://octo.github.io/pets/feed.xml"
    assert feed.find(f"{ATOM}updated").text > entry["updated"].text
    assert f'href="scenarios/create_pet.html#{commit}@{second}"' in files["index.html"]
    before = entry["id"].text
    keep(range(30, 33), change=0.5)
    _, (entry,) = feed_in(site("--url", "https://octo.github.io/pets"))
    assert entry["id"].text == before


def test_two_machines_on_which_one_commit_was_slower_have_a_link_each(site, keep):
    commit = "a" * 40
    for start, testbed in ((0, SEEDED_TESTBED), (40, OTHER)):
        keep(range(start, start + 20), testbed=testbed)
        keep([start + 20], change=0.5, testbed=testbed, commit=commit)
        keep(range(start + 21, start + 30), change=0.5, testbed=testbed)
    _, entries = feed_in(site("--url", "https://octo.github.io/pets"))
    links = [link for entry in entries if f"#{commit}@" in (link := entry["link"].get("href"))]
    assert len(links) == len(set(links)) == 2


def test_a_history_without_runs_of_the_branch_is_a_site_that_says_so(site, keep, folder):
    keep([])
    files = site()
    assert "There are no runs yet" in files["index.html"]
    assert feed_in(files)[1] == []
    assert "no runs" in files["badge.svg"]


def test_one_run_is_a_site(site, keep):
    keep([0])
    files = site()
    assert "1 run of 2 scenarios" in files["index.html"]
    assert verdict_in(files["index.html"]) == ["not judged", "not judged"]


def test_runs_of_another_branch_are_those_of_the_newest_run(site, keep):
    keep(range(3), branch="work")
    assert "Performance of work" in site()["index.html"]


def test_without_a_history_it_is_refused(perfgate):
    done = perfgate("site", "public")
    assert done.code == 2
    assert "there is no history" in done.err


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, html):
        super().__init__()
        self.seen = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_no_name_becomes_markup_or_a_script(site, keep):
    names = dict.fromkeys(name[:200].encode("utf-8", "replace").decode() or "x" for name in HOSTILE)
    keep(range(2), scenarios={name: {name: 10.0} for name in names}, branch=HOSTILE[0])
    files = site("--branch", HOSTILE[0])
    assert len([path for path in files if path.startswith("scenarios/")]) == len(names)
    for path, text in files.items():
        if path.endswith((".xml", ".svg")):
            ET.fromstring(text)
        elif path.endswith(".html"):
            tags = Tags(text).seen
            scripts = [attributes for tag, attributes in tags if tag == "script"]
            assert all(set(one) in ({"src", "defer"}, {"type", "id"}) for one in scripts), path
            assert len(scripts) == (5 if path.startswith("scenarios/") else 0), path
            assert not [tag for tag, _ in tags if tag in ("img", "iframe")], path
            assert not [one for _, attributes in tags for one in attributes if one.startswith("on")], path
        elif path.startswith("data/") and path.count(".") == 1:
            data_in(text)


def test_names_that_read_the_same_have_pages_of_their_own(site, keep):
    keep(range(2), scenarios={name: {"GET /": 5.0} for name in ("Pet shop", "pet-shop", "pet shop", "日本")})
    pages = [path for path in site() if path.startswith("scenarios/")]
    expected = ("pet-shop", "pet-shop-2", "pet-shop-3", "scenario")
    assert set(pages) == {f"scenarios/{one}.html" for one in expected}


def test_no_scenario_takes_the_place_of_what_all_share(site, keep):
    shared = ("runs", "index", "feed", "badge", "site", "vega")
    keep(range(2), scenarios={name: {"GET /": 5.0} for name in shared})
    files = site()
    assert "times" in data_in(files["data/runs.js"])
    series = [path for path in files if path.startswith("data/") and path.count(".") == 1 and path != "data/runs.js"]
    assert len(series) == len(shared)
    assert all("panels" in data_in(files[path]) for path in series)


def test_what_a_history_does_not_know_is_left_out(site, keep, folder):
    keep(range(12))
    with closing(sqlite3.connect(folder / ".perfgate/local.db")) as file, file:
        ids = [run for (run,) in file.execute("SELECT id FROM runs ORDER BY id")]
        file.execute("UPDATE results SET med_ms = NULL WHERE run_id = ?", [ids[3]])
        file.execute("UPDATE results SET med_ms = 9e999, service_cpu_ms = NULL WHERE run_id = ?", [ids[4]])
        file.execute("UPDATE results SET histogram = NULL WHERE run_id = ?", [ids[5]])
        file.execute("UPDATE results SET requests = NULL, seconds = NULL WHERE run_id = ?", [ids[6]])
        file.execute("UPDATE runs SET commit_sha = '' WHERE id = ?", [ids[11]])
    files = site()
    panels = {one["statistic"]: one["values"] for one in data_in(files["data/create_pet.js"])["panels"]}
    assert [place for place, value in enumerate(panels["http_req_duration med"]) if value is None] == [3, 4]
    assert panels["http_reqs/s"][6] is None
    assert "unknown commit" in files["index.html"]
    called = re.fullmatch(r"perfgate\.latencies\((.*)\);\n", files["data/create_pet.0.js"])[1]
    assert json.loads(called)["requests"][0]["packed"][5] == ""


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_history_of_an_older_schema_is_read(site, folder, version):
    (found,) = (ROOT / "tests/history/schema/files").glob(f"*{version}*")
    (folder / ".perfgate").mkdir()
    shutil.copy(found, folder / ".perfgate/local.db")
    before = (folder / ".perfgate/local.db").read_bytes()
    assert "3 runs of 4 scenarios" in site()["index.html"]
    assert (folder / ".perfgate/local.db").read_bytes() == before


def test_processes_write_the_same_as_one(site, keep, folder, monkeypatch):
    keep(range(6))
    alone = site()
    monkeypatch.setattr(writing, "_LARGE", 0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    shutil.rmtree(folder / "public")
    together = site()
    assert {path: text for path, text in together.items() if "vega" not in path} == {
        path: text for path, text in alone.items() if "vega" not in path
    }


def test_a_site_is_replaced_and_what_it_lacks_now_is_removed(site, keep, folder):
    keep(range(2), scenarios={"old": {"GET /": 5.0}})
    assert "scenarios/old.html" in site()
    (folder / "public" / "CNAME").write_text("perf.example.com")
    (folder / ".perfgate/local.db").unlink()
    keep(range(2), scenarios={"new": {"GET /": 5.0}})
    files = site()
    assert "scenarios/new.html" in files
    assert [path for path in files if "old" in path] == []
    assert files["CNAME"] == "perf.example.com"


def test_a_folder_with_other_files_is_left_alone(perfgate, keep, folder):
    keep(range(2))
    done = perfgate("site", "scenarios")
    assert done.code == 2
    assert "holds files, and none of them is a site of perfgate" in done.err
    assert [path.name for path in (folder / "scenarios").iterdir()] == ["create_pet.py"]
    done = perfgate("site", "perfgate.toml")
    assert (done.code, "is a file" in done.err) == (2, True)


@pytest.mark.parametrize("url", ["octo.github.io", "ftp://a/", "https://a/?b", "https://a/ b", "javascript:alert(1)"])
def test_an_address_that_is_none_is_refused(perfgate, keep, url):
    keep(range(2))
    done = perfgate("site", "public", "--url", url)
    assert (done.code, "is no address of a site" in done.err) == (2, True)
