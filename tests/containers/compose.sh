#!/usr/bin/env bash
# `docker compose` v2: the one that is here, or one that Go builds out of its modules. Debian's docker-compose is version 1.
set -euo pipefail

version=v2.40.3
plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins

if docker compose version >/dev/null 2>&1; then
    exit 0
fi
mkdir -p "$plugins"
exec 7>"/tmp/perfgate-test-compose.lock"
flock 7
if docker compose version >/dev/null 2>&1; then
    exit 0
fi
folder=$(mktemp -d "/tmp/perfgate-test-compose-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# Not `go install`: its module replaces others, which only a main module may.
go mod init compose >/dev/null 2>&1
go get "github.com/docker/compose/v2/cmd@$version" >log 2>&1 || { tail -n 20 log >&2; exit 1; }
go build -ldflags "-X github.com/docker/compose/v2/internal.Version=$version" -o docker-compose \
    github.com/docker/compose/v2/cmd >log 2>&1 || { tail -n 20 log >&2; exit 1; }
mv docker-compose "$plugins/"
docker compose version
