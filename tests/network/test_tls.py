"""The certificate authorities are read once, and again where their file changes."""

from __future__ import annotations

import os
from pathlib import Path

import certifi
import pytest

from parsec_nb._api.tls import read_authorities, start_reading
from support.network import environment


def test_the_authorities_are_read_once_for_each_version_of_their_file(
    tmp_path: Path,
) -> None:
    """A file that is written anew, as by an administrator, is read anew."""
    bundle = tmp_path / "ca.pem"
    bundle.write_text(certifi.contents())
    with environment({"REQUESTS_CA_BUNDLE": str(bundle)}):
        first = read_authorities().result(10)
        again = read_authorities().result(10)
        os.utime(bundle, (1, 1))
        anew = read_authorities().result(10)

    assert first is again
    assert anew is not first
    assert anew.get_ca_certs()


def test_to_start_reading_raises_nothing() -> None:
    """What is wrong with the file is shown by the request."""
    with environment({"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"}):
        start_reading("https://parsec.invalid")

        with pytest.raises(FileNotFoundError):
            read_authorities()
