"""Which functions are the service's own."""

from __future__ import annotations

import pytest

from perfgate.explain.origin import callers, is_own
from perfgate.explain.profile import Function


@pytest.mark.parametrize(
    "file",
    [
        "shop/prices.py",
        "prices.go",
        "lib/prices.js",
        "/srv/shop/server",
        "src/Prices.java",
        "vendor/models.py",
        "lib/python/shop/prices.py",
        "/srv/include/shop/prices.h",
        "cargo/prices.rs",
    ],
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
        "/usr/local/cargo/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.0/src/lib.rs",
        "/root/.cargo/git/checkouts/serde-1f3a/9c2/src/lib.rs",
        "/root/.rustup/toolchains/stable/lib/rustlib/src/rust/library/core/src/iter.rs",
        "vendor/serde/src/lib.rs",
        "/usr/lib64/python3.11/json/encoder.py",
        "/usr/lib/python3/dist-packages/yaml/loader.py",
        "lib64/python3.12/selectors.py",
        "/usr/include/c++/12/bits/stl_tree.h",
        "/opt/llvm/include/c++/v1/vector",
        "/usr/lib/gcc/x86_64-linux-gnu/12/include/emmintrin.h",
        "/usr/local/include/fmt/core.h",
        "/root/.conan2/p/fmt/include/fmt/core.h",
        "build/vcpkg_installed/x64-linux/include/fmt/core.h",
    ],
)
def test_a_file_of_a_library_or_a_runtime_is_not(file):
    assert not is_own(Function("work", file))


def test_a_caller_that_is_seen_once_among_many_samples_is_a_torn_stack():
    main, order, stock, discount = (Function(name, "shop/app.py") for name in ("main", "order", "stock", "discount"))
    stacks = {(main, order, discount): 60, (main, discount): 30, (main, stock, discount): 2}
    assert callers(stacks, discount) == (order, main)
