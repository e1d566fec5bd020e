#!/usr/bin/env bash
# What runs the workflows: nektos/act, and an engine with the image that its jobs run in. On a fresh machine with Go, as root.
set -euo pipefail
cd "$(dirname "$0")"

version=v0.2.89
tools=$PWD/.tools

../containers/base_image.sh
if ! test -x "$tools/act-$version"; then
    GOBIN=$tools go install "github.com/nektos/act@$version"
    mv "$tools/act" "$tools/act-$version"
fi
ln -sf "act-$version" "$tools/act"
