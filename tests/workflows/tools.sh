#!/usr/bin/env bash
# What checks the workflows and what runs them: GitHub's language service, nektos/act, and an engine with a base image.
# On a fresh machine with Go and npm, as root; everything by the name of its package, into tests/workflows/.tools.
set -euo pipefail
cd "$(dirname "$0")"

tools=$PWD/.tools
act=v0.2.89
language_service=0.3.61

../containers/base_image.sh
if ! test -x "$tools/act-$act"; then
    GOBIN=$tools go install "github.com/nektos/act@$act"
    mv "$tools/act" "$tools/act-$act"
fi
ln -sf "act-$act" "$tools/act"
if ! test -d "$tools/language-service-$language_service"; then
    npm install --silent --no-save --prefix "$tools/new" "@actions/languageservice@$language_service"
    mv "$tools/new" "$tools/language-service-$language_service"
fi
ln -sfn "language-service-$language_service" "$tools/language-service"
