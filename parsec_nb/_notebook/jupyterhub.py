"""Links to this machine's pages on a JupyterHub or Binder.

There the browser runs on another computer than the kernel, but jupyter-server-proxy
serves this machine's ports below the user's address.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from parsec_nb._api.environment import is_loopback


def proxy_address(environ: Mapping[str, str] = os.environ) -> str:
    """Return the address of the hub's proxy to this machine's ports, empty without.

    It is a path where the hub does not tell its public address
    (JupyterHub.public_url); the browser resolves it against the hub's page. It is a
    path on Binder too, which admits only the browser that launched the server.
    """
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "").strip("/")
    if not prefix:
        return ""
    public = urlsplit(environ.get("JUPYTERHUB_PUBLIC_URL", ""))
    is_web = public.scheme in {"http", "https"} and public.netloc
    usable = is_web and "BINDER_LAUNCH_HOST" not in environ
    origin = f"{public.scheme}://{public.netloc}" if usable else ""
    return f"{origin}/{prefix}/proxy/"


def browsable(uri: str, proxy: str) -> str:
    """Return where a browser finds *uri*: this machine's pages are below *proxy*.

    Example:
        >>> browsable("http://127.0.0.1:8765/activate", "/user/ada/proxy/")
        '/user/ada/proxy/8765/activate'
    """
    try:
        parts = urlsplit(uri)
        port = parts.port or 80
    except ValueError:
        return uri
    local = parts.scheme == "http" and is_loopback(parts.hostname or "")
    # A browser resolves dots, also encoded ones, which would lead out of the proxy.
    if not (proxy and local) or ".." in unquote(parts.path):
        return uri
    query = f"?{parts.query}" if parts.query else ""
    return f"{proxy}{port}/{parts.path.lstrip('/')}{query}"
