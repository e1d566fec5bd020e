"""What k6 is called with."""

from perfgate.load.k6.launcher import K6Settings, Launcher


def test_no_script_is_told_the_tokens_of_the_job():
    tokens = dict.fromkeys(("GITHUB_TOKEN", "PERFGATE_TOKEN", "ACTIONS_RUNTIME_TOKEN"), "a-secret")
    variables = Launcher(K6Settings(), {"PATH": "/bin", **tokens}).environment("http://localhost:8080")
    assert variables == {"PATH": "/bin", "BASE_URL": "http://localhost:8080"}


def test_the_load_goes_straight_to_the_target_and_the_rest_through_the_proxy():
    proxied = {"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "localhost"}
    found = Launcher(K6Settings(), proxied).environment("http://shop.test:8080/api")
    assert found["HTTP_PROXY"] == "http://proxy:3128"
    assert found["NO_PROXY"] == "localhost,shop.test"
    assert found["no_proxy"] == "shop.test"
    assert "NO_PROXY" not in Launcher(K6Settings(), {}).environment("http://shop.test:8080")


def test_the_certificate_of_the_target_is_verified_as_perfgate_toml_says():
    for verify, told in (
        (True, {}),
        (False, {"K6_INSECURE_SKIP_TLS_VERIFY": "true"}),
        ("/ca", {"SSL_CERT_FILE": "/ca"}),
    ):
        assert Launcher(K6Settings(), {}, verify).environment("https://a") == {"BASE_URL": "https://a", **told}


def test_system_tags_are_not_taken_from_the_environment():
    assert "K6_SYSTEM_TAGS" not in Launcher(K6Settings(), {"K6_SYSTEM_TAGS": "url"}).environment("http://a")
