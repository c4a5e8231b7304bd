"""Routes about who signed in, and about the tokens that the App was given for them."""

from __future__ import annotations

from integrations.sandbox.github.call import Answer, Call, Routes
from integrations.sandbox.github.refusal import Refusal, forbidden, not_found
from integrations.sandbox.github.validation import Field, checked

ROUTES = Routes()


@ROUTES.add("GET /user")
def myself(call: Call) -> Answer:
    if call.caller.kind != "user":
        raise forbidden("")
    private = {"private_gists": 0, "two_factor_authentication": True, "collaborators": 0}
    return Answer({**call.verbs.tell.plain.profile(call.by), **private})


@ROUTES.add("DELETE /applications/{client_id}/token", client_only=True)
def revoke(call: Call) -> Answer:
    if call.path["client_id"] != call.verbs.sign_in.application.client_id:
        raise not_found()
    token = checked("OauthAccess", call.body, {"access_token": Field(required=True)})["access_token"]
    if not call.verbs.tokens.revoke(token):
        raise Refusal(404, "Not Found")
    return Answer(None, 204)
