"""What is measured: parsec_nb, and what people would use in its place.

Each is called as its own documentation says, in an environment of its own, and
pointed at the stub by settings that it publishes; nothing of it is patched.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialects import CLIENT_ID

if TYPE_CHECKING:
    from pathlib import Path

    from stub import Stub

OURS = "parsec_nb"


@dataclass(frozen=True)
class Peer:
    """One way to log in from a notebook.

    Attributes:
        name: The environment's, and in the tables.
        requirements: What to install for it.
        load: The import that its users write.
        call: The cell that logs in; may use `{http}` and `{https}`.
        reached: How it is pointed at the stub, for the table.
        settings: Environment variables for that; `{url}` is over either scheme.
    """

    name: str
    requirements: tuple[str, ...]
    load: str
    call: str
    reached: str
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes it can be measured over: both, where `{url}` is in a setting."""
        takes_both = "{url}" in self.settings.values()
        return ("https", "http") if takes_both else (self.reached[:5].rstrip(","),)

    def cell(self, stub: Stub) -> str:
        """Return the cell that logs in at the stub."""
        return self.call.format(http=stub.http, https=stub.https, client=CLIENT_ID)

    def environment(self, stub: Stub, home: Path, scheme: str) -> dict[str, str]:
        """Return the variables of a kernel whose user has logged in to nothing yet."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.lower().endswith("_proxy")
        }
        authority = str(stub.authority)
        url = getattr(stub, scheme)
        settings = {
            name: value.format(http=stub.http, https=stub.https, url=url)
            for name, value in self.settings.items()
        }
        return kept | {
            "HOME": str(home),
            "IPYTHONDIR": str(home / "ipython"),
            "PYTHONPATH": os.path.dirname(__file__),  # noqa: PTH120 - a path for a variable
            "REQUESTS_CA_BUNDLE": authority,
            "SSL_CERT_FILE": authority,
            **settings,
        }


_GITHUB = "https, github.com is built in: a proxy on loopback plays it"

PEERS = (
    Peer(
        OURS,
        (),
        "import parsec_nb",
        "login = parsec_nb.login('benchmark')",
        "https, PARSEC_API_URL",
        {"PARSEC_API_URL": "{url}"},
    ),
    Peer(
        "huggingface_hub",
        ("huggingface_hub",),
        "from huggingface_hub import notebook_login",
        "notebook_login()",
        "https, HF_ENDPOINT",
        {"HF_ENDPOINT": "{url}"},
    ),
    Peer(
        "msal",
        ("msal",),
        "import msal",
        "app = msal.PublicClientApplication('{client}', authority='{https}/tenant',"
        " instance_discovery=False)\n"
        "flow = app.initiate_device_flow(scopes=['User.Read'])\n"
        "print(flow['message'])\n"
        "token = app.acquire_token_by_device_flow(flow)['access_token']",
        "https, authority=",
    ),
    Peer(
        "azure-identity",
        ("azure-identity",),
        "from azure.identity import DeviceCodeCredential",
        "token = DeviceCodeCredential('{client}', tenant_id='tenant',"
        " authority='{https}', disable_instance_discovery=True)"
        ".get_token('User.Read').token",
        "https, authority=",
    ),
    Peer(
        "ghapi",
        ("ghapi",),
        "from ghapi.auth import GhDeviceAuth",
        "auth = GhDeviceAuth('{client}')\nprint(auth.url_docs())\ntoken = auth.wait()",
        _GITHUB,
        {"HTTPS_PROXY": "{http}"},
    ),
    Peer(
        "gh-scoped-creds",
        ("gh-scoped-creds",),
        "import gh_scoped_creds",
        "%ghscopedcreds --client-id {client}",
        _GITHUB,
        {"HTTPS_PROXY": "{http}"},
    ),
    Peer(
        "openeo",
        ("openeo",),
        "from openeo.rest.auth.oidc import OidcClientInfo, OidcDeviceAuthenticator,"
        " OidcProviderInfo",
        "provider = OidcProviderInfo(issuer='{http}')\n"
        "token = OidcDeviceAuthenticator(OidcClientInfo('{client}', provider))"
        ".get_tokens().access_token",
        "http, issuer=",
    ),
)
