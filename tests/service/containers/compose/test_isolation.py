"""Compose files that may stand beside themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfgate.errors import ProblemsError
from perfgate.service.containers.compose.findings import Findings
from perfgate.service.containers.compose.isolation import Isolation, isolate

LABELS = {"owner": "me"}


class Tree:
    """A compose file in a tree, isolated as it would be for an instance."""

    def __init__(self, folder: Path) -> None:
        self.isolation = Isolation("perfgate-1", folder, LABELS, (2, 3), {}, 8080, {}, None, "1.41")
        self.findings = Findings("compose.yml", "ref:HEAD")
        self.writes_tree = False

    def isolate(self, app: dict[str, Any], **rest: Any) -> dict[str, Any]:
        """The service `app`, isolated; `plain` keeps the whole file."""
        services = {"app": {"image": "shop", **app}, **rest.pop("services", {})}
        needed = tuple(name for name in services if name != "app")
        found = isolate({"services": services, **rest}, "app", needed, self.isolation, self.findings)
        self.findings.raise_any()
        self.plain, self.writes_tree = found.plain, found.writes_tree
        service: dict[str, Any] = found.plain["services"]["app"]
        return service

    def refused(self, app: dict[str, Any], **rest: Any) -> str:
        with pytest.raises(ProblemsError) as caught:
            self.isolate(app, **rest)
        assert all(problem.hint for problem in caught.value.problems)
        return caught.value.message


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_ports_are_the_systems_to_choose_on_this_machine_alone(tree: Tree) -> None:
    app = tree.isolate({"ports": [{"mode": "ingress", "target": 8080, "published": "8080", "host_ip": "0.0.0.0"}]})
    assert app["ports"] == [{"mode": "host", "host_ip": "127.0.0.1", "target": 8080, "protocol": "tcp"}]


def test_the_port_of_the_settings_is_published_where_the_file_does_not_name_it(tree: Tree) -> None:
    assert [port["target"] for port in tree.isolate({"expose": ["9000/udp", "7000"]})["ports"]] == [7000, 8080]


@pytest.mark.parametrize("key", ["container_name", "build", "profiles", "scale", "develop", "mac_address"])
def test_what_belongs_to_one_project_alone_is_left_out(tree: Tree, key: str) -> None:
    assert key not in tree.isolate({key: "something"})


def test_everything_bears_the_mark_of_its_owner_and_runs_on_the_services_cpus(tree: Tree) -> None:
    app = tree.isolate(
        {"labels": {"a": "b"}, "networks": {"default": None}, "cpuset": "0", "volumes": [_volume("data")]},
        services={"db": {"image": "db"}},
        networks={"default": {"name": "x_default", "ipam": {}}},
        volumes={"data": {"name": "shop-data"}},
    )
    assert app["labels"] == {"a": "b", "owner": "me"}
    assert tree.plain["networks"] == {"default": {"labels": LABELS}}
    assert tree.plain["volumes"] == {"data": {"labels": LABELS}}
    assert {service["cpuset"] for service in tree.plain["services"].values()} == {"2,3"}


def test_the_name_of_a_container_still_leads_to_it(tree: Tree) -> None:
    networks = {"default": None, "back": {"aliases": ["store", "shop_app"], "priority": 2}, "front": {"aliases": []}}
    app = tree.isolate({"container_name": "shop_app", "networks": networks}, networks=dict.fromkeys(networks))
    assert app["networks"] == {
        "default": {"aliases": ["shop_app"]},
        "back": {"aliases": ["store", "shop_app"], "priority": 2},
        "front": {"aliases": ["shop_app"]},
    }


def test_fixed_addresses_and_networks_of_others_are_left_out_and_said(tree: Tree) -> None:
    app = tree.isolate(
        {"networks": {"front": {"ipv4_address": "172.30.0.5", "aliases": ["shop"]}, "web": None}},
        networks={"front": {"ipam": {"config": [{"subnet": "172.30.0.0/24"}]}}, "web": {"external": True}},
    )
    assert app["networks"] == {"front": {"aliases": ["shop"]}, "web": None}
    assert tree.plain["networks"] == {"front": {"labels": LABELS}, "web": {"labels": LABELS}}
    assert "no fixed address (172.30.0.5)" in tree.findings.notes[0]
    assert "networks.web is external" in tree.findings.notes[1]


@pytest.mark.parametrize(
    ("app", "rest", "message"),
    [
        ({"network_mode": "host"}, {}, "services.app.network_mode: is on the network of this machine"),
        ({"network_mode": "container:abc"}, {}, "services.app: shares with a container that is not of this project"),
        ({"volumes_from": ["container:abc"]}, {}, "shares with a container"),
        (
            {"networks": {"lan": None}},
            {"networks": {"lan": {"driver": "macvlan"}}},
            "networks.lan.driver: is macvlan, which does not keep two projects apart",
        ),
        (
            {"volumes": [{"type": "volume", "source": "data", "target": "/data"}]},
            {"volumes": {"data": {"name": "data", "external": True}}},
            "volumes.data: is external",
        ),
        (
            {"volumes": [{"type": "volume", "source": "data", "target": "/data"}]},
            {"volumes": {"data": {"driver_opts": {"type": "none", "device": "/srv/data", "o": "bind"}}}},
            "volumes.data: lies on /srv/data",
        ),
        (
            {"volumes": [{"type": "bind", "source": "/srv/pgdata", "target": "/data"}]},
            {},
            "services.app.volumes: mounts /srv/pgdata, into which both sides would write",
        ),
    ],
)
def test_what_two_projects_would_share_is_refused_with_its_place(
    tree: Tree, app: dict[str, Any], rest: dict[str, Any], message: str
) -> None:
    assert message in tree.refused(app, **rest)


def test_all_that_is_refused_comes_at_once(tree: Tree) -> None:
    message = tree.refused({"network_mode": "host", "volumes": [_bind("/srv/data")]})
    assert "2 mistakes in compose.yml (ref:HEAD)" in message


def test_folders_of_this_machine_may_be_read(tree: Tree) -> None:
    mount = {**_bind("/srv/data"), "read_only": True}
    assert tree.isolate({"volumes": [mount]})["volumes"] == [mount]
    assert not tree.findings.notes


def test_what_both_sides_read_out_of_the_checkout_is_said(tree: Tree) -> None:
    checkout = tree.isolation.folder / "checkout"
    tree.isolation = replace(tree.isolation, folder=tree.isolation.folder / "tree", checkout=checkout)
    (tree.isolation.folder / "config").mkdir(parents=True)
    own = {**_bind(f"{tree.isolation.folder}/config"), "read_only": True}
    tree.isolate({"volumes": [own, {**own, "source": "/srv/config"}]}, configs={"a": {"file": "/srv/a"}, "b": {}})
    assert not tree.findings.notes
    mount = {**own, "source": f"{checkout}/config"}
    assert tree.isolate({"volumes": [mount]}, secrets={"key": {"file": f"{checkout}/key"}})["volumes"] == [mount]
    assert f"services.app reads {checkout}/config of the checkout, which is the same" in tree.findings.notes[0]
    assert f"secrets.key reads {checkout}/key of the checkout" in tree.findings.notes[1]


def test_a_folder_of_the_checkout_that_may_be_written_to_is_refused_with_a_way_to_name_it(tree: Tree) -> None:
    checkout = tree.isolation.folder / "checkout"
    tree.isolation = replace(tree.isolation, folder=tree.isolation.folder / "tree", checkout=checkout)
    with pytest.raises(ProblemsError) as caught:
        tree.isolate({"volumes": [_bind(f"{checkout}/data")]})
    assert "like ./data: each side then has its own" in caught.value.problems[0].hint


def test_a_socket_of_this_machine_is_shared_and_said(tree: Tree) -> None:
    tree.isolate({"volumes": [_bind("/var/run/docker.sock")]})
    assert "may write to /var/run/docker.sock, which both sides share" in tree.findings.notes[0]


def test_a_service_that_writes_into_its_tree_is_known_to(tree: Tree) -> None:
    (tree.isolation.folder / "src").mkdir()
    tree.isolate({"volumes": [{**_bind(f"{tree.isolation.folder}/src"), "read_only": True}]})
    assert not tree.writes_tree
    tree.isolate({"volumes": [_bind(f"{tree.isolation.folder}/src")]})
    assert tree.writes_tree


def test_a_folder_that_git_does_not_have_becomes_a_volume_that_its_services_share(tree: Tree) -> None:
    mount = _bind(f"{tree.isolation.folder}/var/pg data")
    app = tree.isolate({"volumes": [mount]}, services={"db": {"image": "db", "volumes": [mount]}})
    assert app["volumes"] == [{"type": "volume", "source": "mount-var-pg-data", "target": "/data"}]
    assert tree.plain["services"]["db"]["volumes"] == app["volumes"]
    assert tree.plain["volumes"] == {"mount-var-pg-data": {"labels": LABELS}}
    assert "mounts var/pg data, which git does not have" in tree.findings.notes[0]


@pytest.mark.parametrize("name", ["local.yml", "nginx/default.conf", "certificates/ca.PEM", ".env"])
def test_a_file_that_git_does_not_have_is_no_folder_and_is_refused_with_what_brings_it(tree: Tree, name: str) -> None:
    mount = {**_bind(f"{tree.isolation.folder}/{name}"), "target": f"/etc/shop/{name}", "read_only": True}
    with pytest.raises(ProblemsError) as caught:
        tree.isolate({"volumes": [mount]})
    (problem,) = caught.value.problems
    assert problem.place == "compose.yml: services.app.volumes"
    assert problem.message == f"reads {name}, which git does not have"
    assert "name it in files under [service]" in problem.hint


def test_a_folder_whose_name_has_a_dot_is_a_folder(tree: Tree) -> None:
    for name in ("conf.d", "example.com"):
        app = tree.isolate({"volumes": [{**_bind(f"{tree.isolation.folder}/{name}"), "target": f"/etc/{name}"}]})
        assert app["volumes"][0]["type"] == "volume"


@pytest.mark.parametrize("key", ["secrets", "configs"])
def test_a_file_of_a_secret_that_git_does_not_have_is_refused_where_a_service_is_given_it(tree: Tree, key: str) -> None:
    files = {key: {"token": {"file": f"{tree.isolation.folder}/secrets/token"}}}
    tree.isolate({}, **files)
    assert f"{key}.token: reads secrets/token, which git does not have" in tree.refused(
        {key: [{"source": "token"}]}, **files
    )
    (tree.isolation.folder / "secrets").mkdir()
    (tree.isolation.folder / "secrets/token").write_text("sesame")
    tree = Tree(tree.isolation.folder)
    assert tree.isolate({key: [{"source": "token"}]}, **files)[key] == [{"source": "token"}]


def test_variables_of_the_settings_go_before_those_of_the_file(tree: Tree) -> None:
    tree.isolation = replace(tree.isolation, env={"B": "x$y", "C": "3"})
    app = tree.isolate({"environment": {"A": "1", "B": "2"}}, services={"db": {"image": "db"}})
    assert app["environment"] == {"A": "1", "B": "x$y", "C": "3"}
    assert "environment" not in tree.plain["services"]["db"]


def test_limits_stay_and_what_is_of_a_cluster_goes(tree: Tree) -> None:
    limits = {"limits": {"memory": "52428800", "cpus": 0.5}}
    app = tree.isolate({"deploy": {"replicas": 3, "placement": {}, "resources": limits}})
    assert app["deploy"] == {"resources": limits}
    assert "services.app is started once, not 3 times" in tree.findings.notes[0]


def test_the_limit_of_the_settings_takes_the_place_of_the_files(tree: Tree) -> None:
    tree.isolation = replace(tree.isolation, memory=2**26)
    raw = {"deploy": {"resources": {"limits": {"memory": "52428800", "cpus": 0.5}}}}
    app = tree.isolate(raw)
    assert app["mem_limit"] == app["memswap_limit"] == str(2**26)
    assert app["deploy"] == {"resources": {"limits": {"cpus": 0.5}}}
    assert raw["deploy"]["resources"]["limits"]["memory"] == "52428800"


@pytest.mark.parametrize(
    ("raw", "restarts"),
    [
        ({"restart": "always"}, True),
        ({"restart": "no"}, False),
        ({}, False),
        ({"deploy": {"restart_policy": {"condition": "none"}}}, False),
        ({"deploy": {"restart_policy": {"delay": "5s"}}}, True),
    ],
)
def test_a_service_may_wait_for_another_by_ending_only_while_all_start(
    tree: Tree, raw: dict[str, Any], restarts: bool
) -> None:
    assert tree.isolate(raw).get("restart", "no") == ("on-failure:20" if restarts else "no")


def test_containers_reach_this_machine_by_one_name(tree: Tree) -> None:
    assert tree.isolate({})["extra_hosts"] == ["host.docker.internal=host-gateway"]
    assert tree.isolate({"extra_hosts": ["host.docker.internal=1.2.3.4"]})["extra_hosts"] == [
        "host.docker.internal=1.2.3.4"
    ]


def test_a_built_service_has_the_image_of_its_tree(tree: Tree) -> None:
    tree.isolation = replace(tree.isolation, images={"app": "perfgate-build:1"})
    app = tree.isolate({"build": {"context": "."}, "image": "shop"})
    assert app["image"] == "perfgate-build:1"


def _bind(source: str) -> dict[str, Any]:
    return {"type": "bind", "source": source, "target": "/data"}


def _volume(source: str) -> dict[str, Any]:
    return {"type": "volume", "source": source, "target": "/data"}
