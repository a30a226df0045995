"""The way from a browser to this machine's own pages, on a JupyterHub or Binder.

There `127.0.0.1` is not the browser's computer, but jupyter-server-proxy leads to
this machine's ports, below the user's own address. Addresses only: nobody is asked
whether the proxy is installed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from parsec_nb._service import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsec_nb._service import Service


def proxy(service: Service, environ: Mapping[str, str] = os.environ) -> str:
    """Return the address below which a browser finds the pages of *service*.

    That is empty where no proxy is needed: away from a hub, and for a service on
    another machine, whose links are never changed. It is a path alone where the hub
    does not tell its public address (JupyterHub.public_url): a page of the hub
    itself leads such a link to the right host. So it is on Binder, where only the
    browser that launched the server is let in, and another has no use for a link.
    """
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "").strip("/")
    if not (prefix and service.local):
        return ""
    public = urlsplit(environ.get("JUPYTERHUB_PUBLIC_URL", ""))
    is_web = public.scheme in {"http", "https"} and public.netloc
    is_of_use = is_web and "BINDER_LAUNCH_HOST" not in environ
    origin = f"{public.scheme}://{public.netloc}" if is_of_use else ""
    return f"{origin}/{prefix}/proxy/"


def browsable(uri: str, proxy: str) -> str:
    """Return where a browser finds *uri*: a page of this machine is below *proxy*.

    Example:
        >>> browsable("http://127.0.0.1:8765/activate", "/user/ada/proxy/")
        '/user/ada/proxy/8765/activate'
    """
    try:
        parts = urlsplit(uri)
        port = parts.port or 80
    except ValueError:
        return uri
    here = parts.scheme == "http" and is_loopback(parts.hostname or "")
    # A browser resolves dots, encoded as well, and would leave the proxy by them.
    if not (proxy and here) or ".." in unquote(parts.path):
        return uri
    query = f"?{parts.query}" if parts.query else ""
    return f"{proxy}{port}/{parts.path.lstrip('/')}{query}"
