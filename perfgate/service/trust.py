"""Trust in the certificate of a target, `[service] verify`: the usual authorities, those of one file, or anybody."""

from __future__ import annotations

import ssl
from pathlib import Path

from perfgate.errors import UsageError


def trusting(verify: bool | Path) -> ssl.SSLContext:
    """The TLS of a client. OSError where the file holds no certificates.

    verify: whether a certificate is verified, or the file of the authorities to trust, and no others.
    """
    context = ssl.create_default_context(cafile=verify if isinstance(verify, Path) else None)
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def checked(verify: bool | Path, folder: Path) -> bool | Path:
    """`verify` with the whole path of its file, which starts from `folder`. UsageError where it cannot be used."""
    if isinstance(verify, bool):
        return verify
    file = (folder / verify).absolute()
    try:
        trusting(file)
    except OSError as error:
        why = "no certificates are in it" if isinstance(error, ssl.SSLError) else error.strerror
        raise UsageError(
            f"verify under [service] in perfgate.toml: {verify} cannot be used: {why}",
            "name a PEM file with the authorities to trust; its path starts from the folder of perfgate.toml",
        ) from None
    return file
