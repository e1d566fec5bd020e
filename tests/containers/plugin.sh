#!/usr/bin/env bash
# plugin.sh NAME VERSION PACKAGE VARIABLE: a plugin of the docker client: the one that is here, or one that Go builds out of
# its modules. VARIABLE of the program holds its version.
set -euo pipefail

name=$1 version=$2 package=$3 variable=$4
plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins

is_here() { docker "$name" version >/dev/null 2>&1; }

if is_here; then
    exit 0
fi
mkdir -p "$plugins"
exec 7>"/tmp/perfgate-test-$name.lock"
flock 7
if is_here; then
    exit 0
fi
folder=$(mktemp -d "/tmp/perfgate-test-$name-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# Not `go install`: a module that replaces others, as that of compose does, must be built from a main module.
go mod init plugin >/dev/null 2>&1
go get "$package@$version" >log 2>&1 || { tail -n 20 log >&2; exit 1; }
go build -ldflags "-X $variable=$version" -o "docker-$name" "$package" >log 2>&1 || { tail -n 20 log >&2; exit 1; }
mv "docker-$name" "$plugins/"
docker "$name" version
