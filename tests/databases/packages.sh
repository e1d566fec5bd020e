#!/usr/bin/env bash
# PostgreSQL and Redis: those that are here, or else Debian's, installed without starting the system's own servers (which takes root).
set -euo pipefail

as_root() { if test "$(id -u)" = 0; then "$@"; else sudo --preserve-env=DEBIAN_FRONTEND "$@"; fi; }

missing=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing+=(postgresql)
command -v redis-server >/dev/null || missing+=(redis-server)
if test ${#missing[@]} = 0; then
    exit 0
fi

# What a package's installation asks before it starts a service; 101 is no.
policy=/usr/sbin/policy-rc.d
if ! test -e "$policy"; then
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
fi
as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive as_root apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
