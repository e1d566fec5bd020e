#!/usr/bin/env bash
# A Docker Engine that answers: the one that runs here, or else Debian's, installed and started (which takes root).
set -euo pipefail

log=${TMPDIR:-/tmp}/perfgate-test-dockerd.log
as_root() { if test "$(id -u)" = 0; then "$@"; else sudo --preserve-env=DEBIAN_FRONTEND "$@"; fi; }
answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

if answers; then
    exit 0
fi
if ! command -v dockerd >/dev/null; then
    as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive as_root apt-get install -qq --yes --no-install-recommends docker.io iptables >/dev/null
fi
as_root nohup dockerd >"$log" 2>&1 </dev/null &
for _ in $(seq 120); do
    if answers; then
        exit 0
    fi
    sleep 0.5
done
echo "The Docker Engine did not answer within a minute; its last words:" >&2
tail -n 20 "$log" >&2
exit 1
