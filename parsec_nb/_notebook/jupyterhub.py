"""Links to this machine's pages on a JupyterHub or Binder.

There the browser runs on another computer than the kernel, but jupyter-server-proxy
serves this machine's ports below the user's address.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from parsec_nb._api.url import parse_url


def proxy_address(environ: Mapping[str, str] = os.environ) -> str:
    """Return the address of the hub's proxy to this machine's ports, empty without.

    It is a path where the hub does not tell its public address
    (JupyterHub.public_url); the browser resolves it against the hub's page. It is a
    path on Binder too, which admits only the browser that launched the server.
    """
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "").strip("/")
    if not prefix:
        return ""
    public = parse_url(environ.get("JUPYTERHUB_PUBLIC_URL", ""))
    usable = public is not None and "BINDER_LAUNCH_HOST" not in environ
    origin = str(replace(public, path="", query="")) if public and usable else ""
    return f"{origin}/{prefix}/proxy/"


def browsable(uri: str, proxy: str) -> str:
    """Return where a browser finds *uri*: this machine's pages are below *proxy*.

    Example:
        >>> browsable("http://127.0.0.1:8765/activate", "/user/ada/proxy/")
        '/user/ada/proxy/8765/activate'
    """
    url = parse_url(uri)
    if not proxy or url is None or url.scheme != "http" or not url.is_loopback:
        return uri
    # A browser resolves dots, also encoded ones, which would lead out of the proxy.
    if ".." in unquote(url.path):
        return uri
    return f"{proxy}{url.port}/{url.path.lstrip('/')}{url.query}"
