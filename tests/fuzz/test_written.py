"""What people write: perfgate.toml, options of scenarios, descriptions and containers that init reads; spoiled."""

from __future__ import annotations

import ast
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import strategies as st

from perfgate.config.reading import load_config
from perfgate.errors import MistakeError, PerfgateError
from perfgate.load.pacer import slices
from perfgate.scaffold.proposal import propose
from perfgate.scaffold.repository import Repository
from perfgate.scenario.options import read_options
from perfgate.scenario.overrides import with_overrides
from tests.support.mutations import as_json, as_toml, spoiled_bytes, spoiled_values
from tests.support.newcomers import PETSTORE

pytestmark = pytest.mark.fuzz

CONFIGURATIONS: list[dict[str, Any]] = [
    {
        "scenarios": "scenarios",
        "margin": "5%",
        "error_rate": "1%",
        "miss_rate": "5%",
        "release": "v1.0",
        "measure": {"round": "1s", "budget": "60s", "warm_up": "2s", "scale": "auto", "seed": 7, "workers": 1},
        "gate": {"base": "http://localhost:1", "on_inconclusive": "pass", "branch": "main", "baseline_runs": 9},
        "history": {"file": "history/perfgate.db", "branch": "perf"},
        "k6": {"path": "k6", "url_variable": "HOST"},
        "locust": {"machines": 2},
        "margins": [{"metric": "http_req_duration", "stat": "p(95)", "allowed": "10%", "request": "GET /a"}],
        "accept": [
            {
                "scenario": "a",
                "metric": "service_cpu",
                "ceiling": "20%",
                "expires": "2026-12-31",
                "reason": "known",
            }
        ],
    },
    {
        "service": {
            "command": "python -m app --port {port}",
            "build": "make",
            "port": 8080,
            "ready": "/health",
            "ready_timeout": "30s",
            "env": {"A": "b", "DATABASE_URL": "{db.url}"},
            "seed": "python seed.py {db.url} {side}",
            "teardown": "python end.py",
        },
        "dependencies": [
            {"name": "db", "image": "postgres:15", "port": 5432, "env": {"A": "b"}, "memory": "1GB", "ready": "tcp"},
            {"name": "cache", "command": "redis-server --port {port}", "ready_timeout": "5s", "snapshot": True},
            {"name": "other", "url": "redis://localhost:6379/{side}"},
        ],
    },
    {"service": {"compose": "compose.yml", "compose_service": "web", "port": 80, "verify": False}},
    {"service": {"image": "app:{sha}", "port": 80, "memory": "512MB", "env": {"A": "b"}}},
]


def _read_configuration(folder, text: bytes) -> None:
    (folder / "perfgate.toml").write_bytes(text)
    with suppress(PerfgateError):
        load_config(None, folder)


def test_configurations_by_their_values(fuzz, tmp_path):
    spoiled = spoiled_values(CONFIGURATIONS).filter(lambda value: isinstance(value, dict))
    fuzz(spoiled.map(as_toml), lambda text: _read_configuration(tmp_path, text.encode("utf-8", "replace")))


def test_configurations_by_their_bytes(fuzz, tmp_path):
    seeds = [as_toml(plain).encode() for plain in CONFIGURATIONS]
    fuzz(spoiled_bytes(seeds), lambda text: _read_configuration(tmp_path, text))


OPTIONS = [
    {"vus": 3, "duration": "20s", "graceful_stop": "1s", "thresholds": {"http_req_duration": "p(95)<1s"}},
    {"stages": [{"duration": "5s", "target": 3}, ("1m30s", 0)], "start_vus": 1, "graceful_ramp_down": 2},
    {"executor": "shared-iterations", "vus": 2, "iterations": 10, "max_duration": "1m"},
    {"executor": "per-vu-iterations", "vus": 2, "iterations": 10, "name": "a", "connections": "per-request"},
    {"rate": 10, "time_unit": "1s", "duration": "10s", "pre_allocated_vus": 3, "max_vus": 9, "arrival": "poisson"},
    {"executor": "ramping-arrival-rate", "start_rate": 1, "stages": [("5s", 10)], "pre_allocated_vus": 2},
    {"thresholds": {"checks": ["rate>0.9", {"threshold": "rate>0.5", "abort_on_fail": True}], "a{name:b}": "avg<1"}},
    {"transport": "wire", "http_version": "2", "timeout": "5s", "rows": "users.csv", "duration": 10},
]


def test_options_of_scenarios(fuzz, tmp_path):
    def play(given: object) -> None:
        if not isinstance(given, dict) or not all(isinstance(key, str) for key in given):
            return
        options, mistakes = read_options(given, "a", tmp_path)
        for mistake in mistakes:
            assert mistake.message
            assert mistake.hint
        if not mistakes:
            for vus, duration, scale in ((None, None, 1.0), (5, 2.0, 1.0), (None, None, 3.0)):
                with suppress(PerfgateError, MistakeError):
                    profile = with_overrides(options.profile, vus, duration, scale)
                    parts = slices(profile, 1.0)
                    assert parts[0].length >= 0
                    assert parts[len(parts) - 1].start >= 0

    fuzz(spoiled_values(OPTIONS), play)


COMPOSED = [
    {
        "name": "shop",
        "x-a": {"restart": "always"},
        "services": {
            "web": {
                "build": {"context": ".", "dockerfile": "Dockerfile", "target": "run", "args": {"A": "b"}},
                "ports": ["8080:80", {"target": 80, "published": "8080"}],
                "depends_on": {"db": {"condition": "service_healthy"}},
                "environment": {"A": "b", "PORT": 80, "URL": "${URL:-http://db}"},
                "command": ["python", "-m", "app"],
                "healthcheck": {"test": ["CMD", "curl", "-f", "http://localhost:80/health"]},
                "deploy": {"resources": {"limits": {"memory": "1g"}}},
            },
            "worker": {"image": "app", "entrypoint": "work", "env_file": ".env", "expose": ["1"], "profiles": ["a"]},
            "db": {"image": "postgres:15", "environment": ["A=b", "C"], "volumes": ["a:/b"]},
        },
        "volumes": {"a": None},
    }
]
DOCKERFILES = [
    b"# syntax=docker/dockerfile:1\nARG V=3.11\nFROM python:${V} AS base\nENV PORT=80 A='b c'\nEXPOSE $PORT 9/udp\n"
    b"HEALTHCHECK CMD curl -f http://localhost:80/ok || exit 1\nRUN <<E\nmake\nE\nCOPY . .\n"
    b'FROM base AS run\nENTRYPOINT ["python", \\\n "-m", "app"]\nCMD python -m http.server 80\n'
]
YAMLS = [
    b"a: &a {b: c}\nservices:\n  web:\n    <<: *a\n    build: .\n    ports: ['80:80', 90]\n    environment: [A=b]\n",
    b"openapi: 3.1.0\npaths:\n  /a/{b}: &p\n    get: {parameters: [{name: b, in: path, example: 1}]}\n  /c: *p\n",
    b"swagger: '2.0'\nbasePath: /v1\nschemes: [http]\npaths:\n  /a:\n    post:\n      consumes: [application/json]\n"
    b"      parameters: [{in: body, name: body, schema: {$ref: '#/definitions/A'}}]\n"
    b"definitions:\n  A: {type: object, properties: {at: {type: string}, n: {$ref: '#/definitions/A'}}}\n",
]


def _propose(folder, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content)
    said: list[str] = []
    proposal = propose(Repository(folder, "main", tuple(map(PurePosixPath, files)), said.append), "*.db a", ".perfgate")
    for file in proposal.files:
        file.text.encode()
        if file.path.endswith(".py"):
            ast.parse(file.text)
        if file.path == "perfgate.toml":
            other = folder / "proposed"
            other.mkdir(exist_ok=True)
            (other / "perfgate.toml").write_text(file.text, encoding="utf-8")
            load_config(None, other)


DOCUMENTS = [
    PETSTORE,
    {
        "swagger": "2.0",
        "host": "localhost:80",
        "basePath": "/v2",
        "consumes": ["application/json"],
        "paths": {
            "/pets": {
                "get": {"parameters": [{"name": "limit", "in": "query", "type": "integer", "default": 3}]},
                "post": {"parameters": [{"in": "body", "name": "b", "schema": {"$ref": "#/definitions/Pet"}}]},
            }
        },
        "definitions": {"Pet": {"allOf": [{"$ref": "#/definitions/A"}, {"properties": {"a": {"type": "number"}}}]}},
    },
    {
        "openapi": "3.1.0",
        "servers": [{"url": "http://{host}:80/{v}", "variables": {"host": {"default": "a"}, "v": {"default": "1"}}}],
        "components": {"schemas": {"A": {"oneOf": [{"type": ["string", "null"], "pattern": "^[a-z]+$"}]}}},
        "paths": {
            "/a": {
                "post": {
                    "requestBody": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["a", "b"],
                                    "properties": {
                                        "a": {
                                            "type": "array",
                                            "minItems": 2,
                                            "items": {"$ref": "#/components/schemas/A"},
                                        },
                                        "b": {"type": "integer", "minimum": 3, "multipleOf": 5},
                                        "c": {"type": "string", "minLength": 3, "format": "uuid"},
                                    },
                                }
                            }
                        }
                    }
                }
            }
        },
    },
]


def test_descriptions_that_init_reads(fuzz, tmp_path):
    values = spoiled_values(DOCUMENTS).map(lambda value: {"openapi.json": as_json(value).encode()})
    texts = spoiled_bytes(YAMLS).map(lambda text: {"api/openapi.yaml": text, "Dockerfile": DOCKERFILES[0]})
    fuzz(st.one_of(values, texts), lambda files: _propose(tmp_path, files))


def test_compose_files_and_dockerfiles_that_init_reads(fuzz, tmp_path):
    values = spoiled_values(COMPOSED).map(lambda value: {"compose.yaml": as_json(value).encode()})
    texts = spoiled_bytes(YAMLS).map(lambda text: {"docker-compose.yml": text})
    built = spoiled_bytes(DOCKERFILES).map(lambda text: {"Dockerfile": text})
    both = st.one_of(values, texts, built, st.tuples(values, built).map(lambda two: two[0] | two[1]))
    fuzz(both, lambda files: _propose(tmp_path, files))
