#!/usr/bin/env bash
# `docker buildx`, which brings BuildKit. The version is the one that compose.sh builds with, too.
set -euo pipefail

module=github.com/docker/buildx
exec "$(dirname "$0")/plugin.sh" buildx v0.29.1 "$module/cmd/buildx" "$module/version.Version"
