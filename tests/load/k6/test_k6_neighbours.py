"""The local files that a k6 script brings along."""

import pytest

from perfgate.load.k6.neighbours import neighbours_of
from perfgate.load.k6.script import K6Script
from perfgate.scenario.profile import ConstantVUs

NAMED = [
    "import { order } from '../lib/file.js';",
    'import {\n  order,\n  pet,\n} from "../lib/file.js"',
    "import '../lib/file.js';",
    "export * from '../lib/file.js';",
    "const order = require('../lib/file.js');",
    "const file = open( `../lib/file.js` );",
    "const file = open('../lib/file.js', 'b');",
    "const file = open(import.meta.resolve('../lib/file.js'));",
]


def script_of(file):
    return K6Script("a", "k6", ConstantVUs(1, 2.0), (), file, 1, {}, frozenset(), {}, True)


@pytest.fixture
def folder(tmp_path):
    for name in ("scripts", "lib"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.mark.parametrize("text", NAMED)
def test_the_hash_changes_with_what_a_script_imports_or_opens(folder, text):
    file, named = folder / "scripts/a.js", folder / "lib/file.js"
    file.write_text(f"import http from 'k6/http';\n{text}\n")
    without = script_of(file).hash
    named.write_text("1")
    one = script_of(file).hash
    named.write_text("2")
    assert len({without, one, script_of(file).hash}) == 3


def test_what_an_imported_file_imports_and_opens_counts_too(folder):
    (folder / "scripts/a.js").write_text("import './b.ts';\nimport './a.js';\n")
    (folder / "scripts/b.ts").write_text("import { c } from '../lib/c.js';\n")
    (folder / "lib/c.js").write_text("import '../scripts/b.ts'; open('./beside.json'); open('orders.json');\n")
    (folder / "lib/beside.json").write_text("{}")
    (folder / "scripts/orders.json").write_text("[\"import './beside.csv'\"]")
    (folder / "scripts/beside.csv").write_text("")
    found = {path.relative_to(folder).as_posix() for path in neighbours_of(folder / "scripts/a.js")}
    assert found == {"scripts/b.ts", "lib/c.js", "lib/beside.json", "scripts/orders.json"}


def test_modules_of_k6_of_the_web_and_what_is_no_file_do_not_count(folder):
    file = folder / "scripts/a.js"
    file.write_text(
        "import http from 'k6/http';\nimport x from 'https://jslib.k6.io/x.js';\nimport './none.js';\n"
        f"open('/etc/hosts');\nopen('./');\nopen(`./${{name}}`);\nopen('{'x' * 5000}');\nopen('\0');\n"
    )
    assert neighbours_of(file) == ()
