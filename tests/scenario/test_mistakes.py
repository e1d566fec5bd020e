"""Every mistake that a scenario file can hold: where it is said to be, what is said, and what to do instead."""

import pytest

from perfgate.errors import ExitCode, ProblemsError

HEAD = "from perfgate import scenario\n\n"
FUNCTION = "def create_pet(user):\n    pass\n"

# (options as written after @scenario, one a line; line in the file, message, hint). The first option is on line 4.
OPTIONS = [
    (["vus=10**400"], 4, "vus is more than 1,000,000,000,000", "write less"),
    (["vus=0"], 4, "vus=0 is not a whole number of at least 1", "write 1 or more"),
    (["vus=-1"], 4, "vus=-1", "write 1 or more"),
    (["vus=2.5"], 4, "vus=2.5", "write 1 or more"),
    (["vus='20'"], 4, "vus='20'", "write 1 or more"),
    (["vus=True"], 4, "vus=True", "write 1 or more"),
    (["vus=3", "duration='20 sec'"], 5, "duration='20 sec' is not a duration", "'20s', '1m30s' or '500ms'"),
    (["duration=-3"], 4, "duration=-3 is not a duration", "'20s'"),
    (["duration=None"], 4, "duration=None is not a duration", "'20s'"),
    (["duration=10**400"], 4, "is not a duration", "'20s'"),
    (["duration='0s'"], 4, "duration='0s' is no time at all", "write a longer one"),
    (["graceful_stop='soon'"], 4, "graceful_stop='soon' is not a duration", "'20s'"),
    (["timeout=0"], 4, "timeout=0 is no time at all", "write a longer one"),
    # names of options
    (["vus=1", "vuss=20"], 5, "@scenario takes no vuss", "did you mean vus?"),
    (["durration='20s'"], 4, "@scenario takes no durration", "did you mean duration?"),
    (["sleep=3"], 4, "@scenario takes no sleep", "there are executor, vus, duration"),
    (["rate=5", "duration=9", "preAllocatedVUs=3"], 6, "takes no preAllocatedVUs", "write pre_allocated_vus"),
    (["gracefulStop='3s'"], 4, "@scenario takes no gracefulStop", "write graceful_stop"),
    (["startTime='3s'"], 4, "@scenario takes no startTime", "one after the other"),
    (["exec='other'"], 4, "@scenario takes no exec", "above the function"),
    (["tags={}"], 4, "@scenario takes no tags", "name="),
    (["env={}"], 4, "@scenario takes no env", "os.environ"),
    # executors
    (["executor='constant-vu'"], 4, "there is no executor 'constant-vu'", "did you mean constant-vus?"),
    (["executor='rampingVUs'"], 4, "there is no executor 'rampingVUs'", "did you mean ramping-vus?"),
    (["executor=5"], 4, "there is no executor 5", "there are constant-vus, ramping-vus"),
    (["executor='ramping-vus'"], 4, "ramping-vus needs stages", "write stages=["),
    (["rate=5", "pre_allocated_vus=3"], 4, "constant-arrival-rate needs duration", 'write duration="20s"'),
    (["rate=5", "duration='9s'"], 4, "constant-arrival-rate needs pre_allocated_vus", "write pre_allocated_vus=20"),
    (["stages=[(9, 5)]", "duration='9s'"], 5, "ramping-vus (because of stages) takes no duration", "leave it out"),
    (["stages=[(9, 5)]", "vus=9"], 5, "ramping-vus (because of stages) takes no vus", "write start_vus"),
    (["iterations=9", "duration='9s'"], 5, "shared-iterations (because of iterations) takes no", "write max_duration"),
    (["executor='constant-vus'", "max_duration=9"], 5, "constant-vus takes no max_duration", "write duration"),
    (["executor='constant-vus'", "start_vus=9"], 5, "constant-vus takes no start_vus", "write vus"),
    (["start_vus=9"], 4, "constant-vus takes no start_vus", "write vus"),
    (
        ["stages=[(9, 5)]", "graceful_ramp_down=3", "time_unit='1m'"],
        6,
        "takes no time_unit",
        "leave it out; ramping-vus",
    ),
    (["arrival='poisson'"], 4, "constant-vus takes no arrival", 'write executor="constant-arrival-rate"'),
    # values that do not agree
    (["vus=20", "iterations=5"], 5, "iterations=5 is too few for 20 VUs", "write iterations=20 or more"),
    (["executor='shared-iterations'", "vus=20"], 5, "iterations=1 is too few for 20 VUs", "iterations=20 or more"),
    (
        ["rate=5", "duration=9", "pre_allocated_vus=9", "max_vus=3"],
        7,
        "max_vus=3 is less than pre_allocated_vus=9",
        "write max_vus=9 or more",
    ),
    (
        ["rate=5", "duration=9", "pre_allocated_vus=9", "arrival='poison'"],
        7,
        "there is no arrival 'poison'",
        "did you mean poisson?",
    ),
    (["rate=5.5", "duration=9", "pre_allocated_vus=9"], 4, "rate=5.5 is not a whole number", "write 1 or more"),
    # stages
    (["stages=[]"], 4, "stages=[] is not a list of stages", "write stages=["),
    (["stages=5"], 4, "stages=5 is not a list of stages", "write stages=["),
    (["stages=[('9s', 5),", "    '5s']"], 5, "'5s' is not a stage", "write stages=["),
    (["stages=[('9s', 5),", "    ('x', 5)]"], 5, "duration='x' is not a duration", "'20s'"),
    (["stages=[('9s', 5),", "    ('9s', -5)]"], 5, "target=-5 is not a whole number of at least 0", "write 0 or more"),
    (["stages=[{'duration': '9s',", "    'target': 'x'}]"], 5, "target='x'", "write 0 or more"),
    (["stages=[{'duration': '9s',", "    'tarket': 5}]"], 5, "a stage has no 'tarket'", "did you mean target?"),
    (["stages=[*[('9s', 5)] * 2,", "    ('9s', -5)]"], 4, "target=-5", "write 0 or more"),
    (["stages=[{'duration': '9s'}]"], 4, "{'duration': '9s'} has no target", '"target": 20'),
    (["stages=[('0s', 5)]"], 4, "the stages take no time at all", "give one a duration"),
    (["stages=[('9s', 0)]", "start_vus=0"], 4, "the stages never ask for any load", "a target above 0"),
    # thresholds
    (["thresholds=['p(95)<3']"], 4, "is not a dict of thresholds", "write thresholds={"),
    (["thresholds={5: 'p(95)<3'}"], 4, "5 is not a metric", "write thresholds={"),
    (
        ["thresholds={'http_reqs': 'count>3',", "    'http_req_duratoin': 'avg<3'}"],
        5,
        "there is no metric 'http_req_duratoin'",
        "did you mean http_req_duration?",
    ),
    (["thresholds={'http_req_duration': 'p(95)'}"], 4, "'p(95)' is not a threshold", "'p(95)<500ms'"),
    (
        ["thresholds={'http_req_duration': ['avg<3',", "    'p95<3']}"],
        5,
        "http_req_duration has no 'p95'",
        "did you mean p(95)?",
    ),
    (["thresholds={'http_req_failed': 'rate<1 percent'}"], 4, "'1 percent' is not a percentage", "1% or 0.01"),
    (["thresholds={'http_req_duration': []}"], 4, "http_req_duration has no threshold", "leave the metric out"),
    (["thresholds={'http_req_duration': 500}"], 4, "500 is not a threshold", "'p(95)<500ms'"),
    (["thresholds={'iterations{name:POST /pet}': 'count>3'}"], 4, "not per request name", "write 'iterations'"),
    (["thresholds={'http_reqs{status:200}': 'count>3'}"], 4, "the only tag is name", "{name:POST /pet}"),
    (
        ["thresholds={'http_reqs': {'threshold': 'count>3',", "    'abortOnFail': True}}"],
        5,
        "a threshold has no 'abortOnFail'",
        "write abort_on_fail",
    ),
    (["thresholds={'http_reqs': {'threshold': 'count>3', 'abort_on_fail': 1}}"], 4, "abort_on_fail=1", "True or False"),
    (
        ["thresholds={'http_reqs': {'threshold': 'count>3', 'delay_abort_eval': 'soon'}}"],
        4,
        "delay_abort_eval: 'soon' is not a duration",
        'write it like "10s"',
    ),
    # the rest
    (["name='two words'"], 4, "'two words' is not a name", "letters, digits"),
    (["name=''"], 4, "'' is not a name", "letters, digits"),
    (["connections='per-requests'"], 4, "no connections mode 'per-requests'", "did you mean per-request?"),
    (["http_version='3'"], 4, "there is no HTTP version '3'", "there are 1.1, 2"),
    (["http_version=1.0"], 4, "there is no HTTP version '1.0'", "did you mean 1.1?"),
    (["http_version='2'", "transport='requests'"], 4, "requests does not speak HTTP/2", "leave transport"),
    (["transport='request'"], 4, "there is no transport 'request'", "did you mean requests?"),
    (["rows=5"], 4, "rows=5 is not a file", 'write rows="users.csv"'),
    (["rows='users.txt'"], 4, "rows='users.txt' is neither a CSV nor a JSON file", '"users.csv" or "users.json"'),
    (["rows='users.csv'"], 4, "rows='users.csv': there is no such file", "relative to the scenario file"),
    ([f"rows='{'9' * 300}.csv'"], 4, "there is no such file", "relative to the scenario file"),
]


@pytest.mark.parametrize(("options", "line", "message", "hint"), OPTIONS, ids=[" ".join(row[0]) for row in OPTIONS])
def test_a_mistaken_option_is_named_with_line_and_hint(folder, options, line, message, hint):
    written = "".join(f"    {option}{'' if option.endswith(',') else ','}\n" for option in options)
    folder.write("pets.py", f"{HEAD}@scenario(\n{written})\n{FUNCTION}")
    (problem,) = folder.problems()
    assert problem.place == f"scenarios/pets.py:{line}"
    assert message in problem.message
    assert hint in problem.hint


FILES = [
    ("@scenario\ndef create_pet():\n    pass", 4, "create_pet() does not take a user", "write def create_pet(user):"),
    ("@scenario\ndef create_pet(user, pet):\n    pass", 4, "does not take a user and nothing else", "create_pet(user)"),
    ("@scenario\nasync def create_pet(user):\n    pass", 4, "create_pet() is async", "write def instead of async def"),
    ("@scenario\ndef create_pet(user):\n    yield", 4, "create_pet() yields", "without yield"),
    ("@scenario(20)\ndef create_pet(user):\n    pass", 4, "@scenario takes no 20", "write options by name"),
    ("class CreatePet:\n    pass\n\nscenario(CreatePet)", 6, "@scenario stands above <class", "above a function"),
    ("scenario(vus=3)(lambda user: None)", 3, "'<lambda>' is not a name", 'write name="..."'),
    (f"OPTIONS = {{'vus': 0}}\n@scenario(**OPTIONS)\n{FUNCTION}", 5, "vus=0", "write 1 or more"),
    (f"STAGES = [(9, -1)]\n@scenario(stages=STAGES)\n{FUNCTION}", 4, "target=-1", "write 0 or more"),
    (
        f"@scenario\n{FUNCTION}\n@create_pet.setup\ndef seed():\n    pass",
        8,
        "seed() does not take a user",
        "seed(user)",
    ),
    (
        f"@scenario\n{FUNCTION}\n@create_pet.teardown\ndef remove(user, data):\n    pass",
        8,
        "remove() does not take a user and nothing else",
        "write def remove(user): and take what the setup function returned from user.data",
    ),
    (f"@scenario\n{FUNCTION}\n@create_pet.on_start\nasync def go(user):\n    pass", 8, "go() is async", "def instead"),
    (
        f"@scenario\n{FUNCTION}\n@create_pet.teardown\ndef a(user): ...\n@create_pet.teardown\ndef b(user): ...",
        10,
        "create_pet has two teardown functions",
        "make one of the two",
    ),
    ("PETS = 3", None, "there is no scenario in it", "decorate a function with @scenario"),
    ("\nprint('a'", 4, "Python cannot read it: '(' was never closed", "mend this line: print('a'"),
    ("\tx = 1", 3, "Python cannot read it: unexpected indent", "mend this line: x = 1"),
    (
        "import nothing_like_that",
        3,
        "No module named 'nothing_like_that'",
        "install it (`packages` of the action does), or put it beside this file",
    ),
    ("from perfgate import scenarios", 3, "cannot import name 'scenarios'", "write: from perfgate import scenario"),
    ("from json import jsonify", 3, "cannot import name 'jsonify' from 'json'", "look up what json has"),
    ("pets = {}\npets['rex']", 4, "KeyError: 'rex'", "mend this line: pets['rex']"),
    (
        "def load():\n    return 1 / 0\n\nload()",
        4,
        "ZeroDivisionError: division by zero",
        "mend this line: return 1 / 0",
    ),
    ("import json\njson.loads('{')", 4, "JSONDecodeError", "mend this line: json.loads('{')"),
    ("eval('1 +')", 3, "SyntaxError: invalid syntax", "mend this line: eval('1 +')"),
    ("raise SystemExit(3)", 3, "it ends the program", "leave sys.exit() out"),
]


@pytest.mark.parametrize(("text", "line", "message", "hint"), FILES, ids=[row[0] for row in FILES])
def test_a_mistaken_file_is_named_with_line_and_hint(folder, text, line, message, hint):
    folder.write("pets.py", f"{HEAD}{text}\n")
    (problem,) = folder.problems()
    assert problem.place == ("scenarios/pets.py" if line is None else f"scenarios/pets.py:{line}")
    assert message in problem.message
    assert hint in problem.hint


def test_options_that_only_another_executor_takes_point_to_it(folder):
    options = "stages=[(9, 5)], start_rate=3, pre_allocated_vus=9"
    folder.write("pets.py", f"{HEAD}@scenario({options})\n{FUNCTION}")
    for problem in folder.problems():
        assert problem.message.startswith("ramping-vus (because of stages) takes no ")
        assert problem.hint == 'leave it out, or write executor="ramping-arrival-rate"'


def test_a_file_that_is_not_text_is_named(folder):
    folder.write("pets.py", "").write_bytes(b"name = '\xff\xfe'\n")
    (problem,) = folder.problems()
    assert problem.place.startswith("scenarios/pets.py")
    assert "utf-8" in problem.message


def test_a_file_with_a_null_byte_is_named(folder):
    folder.write("pets.py", "").write_bytes(b"name = 1\x00\n")
    (problem,) = folder.problems()
    assert problem.place.startswith("scenarios/pets.py")
    assert "null bytes" in problem.message


def test_a_link_to_nowhere_is_named(folder):
    folder.write("good.py", f"{HEAD}@scenario\n{FUNCTION}")
    (folder.path / "pets.py").symlink_to("nowhere")
    (problem,) = folder.problems()
    assert problem.place == "scenarios/pets.py"
    assert "No such file" in problem.message


def test_all_mistakes_of_all_files_are_named_in_one_go(folder):
    folder.write(
        "a.py",
        f"{HEAD}@scenario(\n"
        "    vus=0,\n"
        "    duraton='20s',\n"
        "    thresholds={\n"
        "        'http_req_duration': ['p(95)<x', 'p95<3'],\n"
        "        'http_req_fialed': 'rate<1%',\n"
        f"    }},\n)\n{FUNCTION}",
    )
    folder.write("b.py", "def (")
    folder.write("c.py", f"{HEAD}@scenario(executor='no', vus=-1, stages=[('x', 'y')])\n{FUNCTION}\n1 / 0\n")
    folder.write("d.py", f"{HEAD}@scenario(executor='no', vus=-1, stages=[('x', 'y')])\ndef order_pet():\n    pass\n")
    folder.write("good.py", f"{HEAD}@scenario\ndef good(user):\n    pass\n")
    assert [problem.place.removeprefix("scenarios/") for problem in folder.problems()] == [
        "a.py:4",
        "a.py:5",
        "a.py:7",
        "a.py:7",
        "a.py:8",
        "b.py:1",
        "c.py:7",
        "d.py:3",
        "d.py:3",
        "d.py:3",
        "d.py:3",
        "d.py:4",
    ]


def test_two_scenarios_of_one_name_are_a_mistake_wherever_they_are(folder):
    folder.write("a.py", f"{HEAD}@scenario\n{FUNCTION}")
    folder.write("b.py", f"{HEAD}@scenario(name='create_pet')\ndef other(user):\n    pass\n\n@scenario\n{FUNCTION}")
    one, two = folder.problems()
    assert [one.place, two.place] == ["scenarios/b.py:4", "scenarios/b.py:8"]
    assert one.message == "there is another scenario 'create_pet', at scenarios/a.py:4"
    assert "name=" in one.hint


def test_the_message_counts_the_mistakes_and_lists_them(folder):
    folder.write("a.py", f"{HEAD}@scenario(vus=0, duration='x')\n{FUNCTION}")
    with pytest.raises(ProblemsError) as raised:
        folder.load()
    assert str(raised.value).splitlines() == [
        "2 mistakes in the scenario files:",
        "  scenarios/a.py:3: duration='x' is not a duration",
        "    write it like '20s', '1m30s' or '500ms'",
        "  scenarios/a.py:3: vus=0 is not a whole number of at least 1",
        "    write 1 or more",
    ]
    assert raised.value.exit_code is ExitCode.USAGE
