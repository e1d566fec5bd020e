#!/usr/bin/env bash
# The image perfgate-test-base: Debian with Python, git, node, make and curl, made without any image registry.
#
# It is made once, which takes root, and kept under its tag. Packages come from where this machine gets them, and what
# runs in the image trusts the certificate authorities that this machine trusts.
set -euo pipefail
cd "$(dirname "$0")"

image=perfgate-test-base
packages=python3,python3-venv,git,nodejs,make,ca-certificates,curl
authorities=/etc/ssl/certs/ca-certificates.crt

as_root() { if test "$(id -u)" = 0; then "$@"; else sudo --preserve-env=DEBIAN_FRONTEND "$@"; fi; }

./engine.sh
exec 7>"/tmp/$image.lock"
flock 7
if docker image inspect "$image" >/dev/null 2>&1; then
    exit 0
fi
if ! command -v debootstrap >/dev/null || ! test -e /usr/share/keyrings/debian-archive-keyring.gpg; then
    as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive as_root apt-get install -qq --yes debootstrap debian-archive-keyring >/dev/null
fi
folder=$(mktemp -d "/tmp/$image-XXXXXX")
trap 'as_root rm -rf "$folder"' EXIT
if ! as_root debootstrap --variant=minbase --include="$packages" bookworm "$folder" >"/tmp/$image.log" 2>&1; then
    tail -n 20 "/tmp/$image.log" >&2
    exit 1
fi
as_root rm -rf "$folder"/var/cache/apt/archives/*.deb "$folder"/var/lib/apt/lists/* "$folder"/usr/share/doc/*
as_root cp -L "$authorities" "$folder$authorities"
as_root tar -C "$folder" --numeric-owner -c . | docker import \
    --change "ENV PIP_CERT=$authorities NODE_EXTRA_CA_CERTS=$authorities SSL_CERT_FILE=$authorities" \
    --change 'CMD ["bash"]' - "$image" >/dev/null
