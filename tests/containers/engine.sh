#!/usr/bin/env bash
# A Docker Engine that answers: the one that runs here, or else Debian's, installed and started (as root).
set -euo pipefail

answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

if answers; then
    exit 0
fi
if ! command -v dockerd >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends docker.io iptables >/dev/null
fi
nohup dockerd >/var/log/perfgate-test-dockerd.log 2>&1 </dev/null &
for _ in $(seq 120); do
    if answers; then
        exit 0
    fi
    sleep 0.5
done
echo "The Docker Engine did not answer within a minute; its last words:" >&2
tail -n 20 /var/log/perfgate-test-dockerd.log >&2
exit 1
