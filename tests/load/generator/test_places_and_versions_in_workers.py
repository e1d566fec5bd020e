"""What the wire can do, done by worker processes in a round: HTTP/2, TLS, a unix socket."""

import textwrap

import pytest

from perfgate.load.generator.engine import PerfgateEngine
from perfgate.load.generator.messages import WorkerConfig
from perfgate.load.pacer import slices
from perfgate.load.phase import Phase
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from perfgate.service.opening import open_target
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target

WAYS = [("h2c", "2", "HTTP/2.0"), ("h2", "2", "HTTP/2.0"), ("https", "1.1", "HTTP/1.1"), ("unix", "1.1", "HTTP/1.1")]


@pytest.mark.parametrize(("name", "version", "spoken"), WAYS)
def test_a_round_is_played_over_it(nginx, certified, tmp_path, name, version, spoken):
    (tmp_path / "pets.py").write_text(
        textwrap.dedent(f"""
            from perfgate import scenario

            @scenario(vus=3, iterations=30, http_version="{version}")
            def pets(user):
                user.check("spoken", user.post("/seen", json={{"id": user.unique_id()}}).text.split()[2] == "{spoken}")

            @pets.on_start
            def trust(user):
                user.verify = {certified.pem!r}
        """)
    )
    (scenario,) = load_scenarios(tmp_path, (), Overrides(None, None))
    engine = PerfgateEngine(WorkerConfig(str(tmp_path), (), None, None, 1, 5, 1, ()))
    try:
        engine.open(scenario, "head", nginx.urls[name])
        (part,) = slices(scenario.profile, scenario.profile.duration)[:1]
        tally = engine.play(scenario, "head", part, Phase.MEASURING, 0).tally
    finally:
        engine.stop()
    assert tally.checks["spoken"].passes == tally.iterations.count == tally.request_count > 0
    assert tally.failed_count == 0


@pytest.mark.parametrize("name", ["http", "unix", "h2c"])
def test_nginx_is_a_target_there(nginx, name):
    with open_target(parse_target(nginx.urls[name]), LaunchContext()) as service:
        assert service.instance.url == nginx.urls[name]
        assert service.instance.alive()
