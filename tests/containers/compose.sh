#!/usr/bin/env bash
# `docker compose` v2. Debian's docker-compose is version 1.
set -euo pipefail

module=github.com/docker/compose/v2
exec "$(dirname "$0")/plugin.sh" compose v2.40.3 "$module/cmd" "$module/internal.Version"
