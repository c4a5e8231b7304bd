"""The GitHub App as GitHub wants it described, made from the one table of permissions and events.

Two forms: the manifest, for GitHub's manifest flow, and a link to the registration form with everything filled in
(https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-using-url-parameters), for a person. The form
never takes a webhook secret from a link, so that is typed in there.
"""

from __future__ import annotations

from urllib.parse import urlencode

from bot.handlers.identity.logins import CALLBACK
from integrations.github.permissions import EVENTS, PERMISSIONS

EXAMPLE_URL = "https://llmgate.example.com"
HOOK_PATH = "/webhooks/github"
DESCRIPTION = "No generated code merges without attested provenance, validated tests and a qualified human's signed approval."


def manifest(public_url: str = EXAMPLE_URL) -> dict[str, object]:
    """The manifest's JSON object for a server at that address."""
    return {
        "name": "llmgate",
        "url": public_url,
        "description": DESCRIPTION,
        "public": False,
        "hook_attributes": {"url": f"{public_url.rstrip('/')}{HOOK_PATH}", "active": True},
        "callback_urls": [f"{public_url.rstrip('/')}{CALLBACK}"],
        "default_permissions": {permission.name: permission.level for permission in PERMISSIONS},
        "default_events": [event.name for event in EVENTS],
    }


def registration_link(host: str, organisation: str, public_url: str) -> str:
    """The form to register the App in an organisation, filled in but for a name (no two Apps share one) and the secret."""
    url = public_url or EXAMPLE_URL
    fields = [
        ("description", DESCRIPTION),
        ("url", url),
        ("public", "false"),
        ("webhook_active", "true"),
        ("webhook_url", f"{url.rstrip('/')}{HOOK_PATH}"),
        ("callback_urls[]", f"{url.rstrip('/')}{CALLBACK}"),
        *((permission.name, permission.level) for permission in PERMISSIONS),
        *(("events[]", event.name) for event in EVENTS),
    ]
    return f"https://{host}/organizations/{organisation}/settings/apps/new?{urlencode(fields)}"
