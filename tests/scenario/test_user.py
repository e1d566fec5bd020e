"""`perfgate.User`: the type that lets an editor complete `user.` in a scenario file."""

import ast
import inspect
import subprocess
import sys

import pytest

import perfgate
from perfgate.load.generator.user import User as PlayedUser
from perfgate.load.http.response import Response as PlayedResponse
from perfgate.scenario import user as user_module
from perfgate.scenario.user import Response, User
from tests.support.paths import ROOT

# The half of the generator's user that is none of a scenario's business.
OF_THE_GENERATOR = {"break_off", "enter", "iterate", "leave"}
TYPED = """
    from perfgate import User, scenario

    @scenario
    def create_pet(user: User):
        user.get("/pet/1")

    @create_pet.setup
    def names(user: User) -> list[str]:
        return ["doggie"]
"""
SCENARIO = """
from perfgate import User, scenario


@scenario(vus=2)
def create_pet(user: User) -> None:
    response = user.post("/pet", json={{"id": user.unique_id()}}, retries=1, name="POST /pet")
    user.check("created", response.ok and response.json()["name"] == user.row["name"])
    user.headers["Accept"] = response.headers["content-type"]
    user.auth = ("ann", "secret")
    user.think(0.1)
    user.{verb}("/pet/1", params={{"status": user.random.choice(["sold"])}}, expect=(200, 404))
"""


def members(kind):
    """The public names of a class, with those that are only annotated."""
    found = {name for name in vars(kind) if not name.startswith("_")}
    return found | set(kind.__annotations__)


def user_of(played: PlayedUser) -> User:
    """Checked by mypy: the generator's user is one."""
    return played


def response_of(played: PlayedResponse) -> Response:
    """Checked by mypy: the generator's response is one."""
    return played


def test_it_has_what_the_generator_gives_to_scenarios_and_nothing_else():
    given = {name for name in dir(PlayedUser) if not name.startswith("_")} - OF_THE_GENERATOR
    assert members(User) - given == {"data", "iteration", "random", "vu"}  # set when a user is made
    assert given - members(User) == set()


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "head", "options", "request"])
def test_the_verbs_take_their_positional_arguments_in_the_generators_order(verb):
    declared, played = (list(inspect.signature(getattr(kind, verb)).parameters) for kind in (User, PlayedUser))
    common = [name for name in declared if name in played]
    assert played[: len(common)] == common or verb == "request"


def test_every_member_is_explained():
    tree = ast.parse(inspect.getsource(user_module))
    silent = []
    for kind in (one for one in tree.body if isinstance(one, ast.ClassDef) and one.name in ("User", "Response")):
        for item, after in zip(kind.body, [*kind.body[1:], None], strict=True):
            if isinstance(item, ast.AnnAssign) and not isinstance(getattr(after, "value", None), ast.Constant):
                silent.append(ast.unparse(item.target))
            if isinstance(item, ast.FunctionDef) and not ast.get_docstring(item):
                silent.append(item.name)
    assert silent == ["encoding"]  # its setter


def test_it_is_exported_beside_the_decorator():
    assert (perfgate.User, perfgate.Response) == (User, Response)


def test_a_scenario_file_may_name_it(folder):
    scenario = folder.one(TYPED)
    assert scenario.problems == []
    assert scenario.setup_function.__name__ == "names"


def test_a_scenario_file_need_not_name_it(folder):
    assert folder.one(TYPED.replace(": User", "").replace("User, ", "")).problems == []


@pytest.mark.parametrize(("verb", "wrong"), [("get", ""), ("gett", 'has no attribute "gett"')])
def test_a_type_checker_knows_what_a_user_has(tmp_path, verb, wrong):
    pytest.importorskip("mypy")
    file = tmp_path / "create_pet.py"
    file.write_text(SCENARIO.format(verb=verb))
    options = ["--strict", "--config-file=", "--follow-imports=silent", f"--cache-dir={tmp_path / 'cache'}"]
    command = [sys.executable, "-m", "mypy", *options, str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert wrong in done.stdout
    assert done.returncode == bool(wrong), done.stdout
