"""Which functions are the service's own."""

from __future__ import annotations

import pytest

from perfgate.explain.origin import callers, is_own
from perfgate.explain.profile import Function


@pytest.mark.parametrize(
    "file", ["shop/prices.py", "prices.go", "lib/prices.js", "/srv/shop/server", "src/Prices.java", "vendor/models.py"]
)
def test_a_file_of_the_service_is_its_own(file):
    assert is_own(Function("discount", file))


@pytest.mark.parametrize(
    "file",
    [
        "",
        "venv/lib/python3.12/json/encoder.py",
        "<frozen importlib>",
        "node:events",
        "node_modules/express/lib/router.js",
        "$GOROOT/src/net/http/server.go",
        "/root/go/pkg/mod/github.com/x/y@v1.2.0/y.go",
        "vendor/github.com/x/y/y.go",
        "/root/.cargo/registry/src/index/serde/src/lib.rs",
    ],
)
def test_a_file_of_a_library_or_a_runtime_is_not(file):
    assert not is_own(Function("work", file))


def test_a_caller_that_is_seen_once_among_many_samples_is_a_torn_stack():
    main, order, stock, discount = (Function(name, "shop/app.py") for name in ("main", "order", "stock", "discount"))
    stacks = {(main, order, discount): 60, (main, discount): 30, (main, stock, discount): 2}
    assert callers(stacks, discount) == (order, main)
