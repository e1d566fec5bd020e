"""The folder of a site: nothing but a site's own files is ever removed from it."""

import json

import pytest

from perfgate.application.site.folder import SiteFolder
from perfgate.errors import UsageError


def written(path, *names):
    folder = SiteFolder(path)
    for name in names:
        folder.write(name, "x")
    folder.finish()
    return folder


def test_it_counts_its_bytes(tmp_path):
    assert written(tmp_path / "site", "index.html", "data/a.js").size == 2


def test_what_a_list_names_beside_the_files_of_a_site_stays(tmp_path):
    path = tmp_path / "site"
    written(path, "index.html", "data/a.js")
    (path / "notes.txt").write_text("mine")
    outside = tmp_path / "outside.js"
    outside.write_text("mine")
    hostile = ["../outside.js", str(outside), "notes.txt", "data/../../outside.js", 7, None, "data/a.js"]
    (path / "perfgate-site.json").write_text(json.dumps({"schema": "perfgate.site/1", "files": hostile}))
    written(path, "index.html")
    assert outside.read_text() == "mine"
    assert (path / "notes.txt").read_text() == "mine"
    assert not (path / "data/a.js").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "other/1", "files": ["index.html"]}', "[" * 100_000])
def test_a_list_that_is_none_makes_it_a_folder_of_somebody_else(tmp_path, text):
    (tmp_path / "perfgate-site.json").write_text(text)
    with pytest.raises(UsageError, match="none of them is a site of perfgate"):
        SiteFolder(tmp_path)


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "site").mkdir()
    folder = SiteFolder(tmp_path / "site")
    (tmp_path / "site" / "data").write_text("in the way")
    with pytest.raises(UsageError, match=r"data/a\.js cannot be written"):
        folder.write("data/a.js", "x")
