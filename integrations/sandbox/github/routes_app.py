"""Routes about the app itself: its installation, its tokens, its webhook deliveries."""

from __future__ import annotations

from integrations.sandbox.github.call import Answer, Call, Routes
from integrations.sandbox.github.refusal import not_found
from integrations.sandbox.github.render import Json, when
from integrations.sandbox.github.validation import Field, checked
from integrations.sandbox.github.voice import Delivery

ROUTES = Routes()


@ROUTES.add("POST /app/installations/{installation}/access_tokens", app_only=True)
def mint(call: Call) -> Answer:
    _own(call)
    kinds = {"repositories": Field(list), "repository_ids": Field(list), "permissions": Field(dict)}
    minted = call.verbs.tokens.mint(checked("Installation", call.body, kinds))
    if "repositories" in minted:
        minted["repositories"] = [call.verbs.tell.plain.repository(repo) for repo in minted["repositories"]]
    return Answer(minted, 201)


@ROUTES.add("GET /app", app_only=True)
def own_app(call: Call) -> Answer:
    return Answer({**call.verbs.tell.plain.app(call.verbs.world.app), "installations_count": 1})


@ROUTES.add("GET /app/installations", app_only=True)
def installations(call: Call) -> Answer:
    return call.listed([call.verbs.tell.installed()], lambda each: each)


@ROUTES.add("GET /app/installations/{installation}", app_only=True)
def installation(call: Call) -> Answer:
    _own(call)
    return Answer(call.verbs.tell.installed())


@ROUTES.add("GET /repos/{owner}/{repo}/installation", app_only=True)
def repository_installation(call: Call) -> Answer:
    if not call.verbs.world.repo(f"{call.path['owner']}/{call.path['repo']}").installed:
        raise not_found()
    return Answer(call.verbs.tell.installed())


@ROUTES.add("GET /app/hook/config", app_only=True)
def hook(call: Call) -> Answer:
    url = call.verbs.world.app.hook_url
    return Answer({"url": url, "content_type": "json", "insecure_ssl": "0", "secret": "********"})


@ROUTES.add("PATCH /app/hook/config", app_only=True)
def set_hook(call: Call) -> Answer:
    fields = {name: Field((str, int)) for name in ("url", "content_type", "secret", "insecure_ssl")}
    values = checked("Hook", call.body, fields)
    call.verbs.world.app.hook_url = values.get("url", call.verbs.world.app.hook_url)
    call.verbs.world.app.webhook_secret = values.get("secret", call.verbs.world.app.webhook_secret)
    return hook(call)


@ROUTES.add("GET /app/hook/deliveries", app_only=True)
def deliveries(call: Call) -> Answer:
    return call.listed(list(reversed(call.verbs.world.voice.deliveries)), lambda each: _delivery(call, each))


@ROUTES.add("GET /app/hook/deliveries/{delivery}", app_only=True)
def delivery(call: Call) -> Answer:
    found = call.verbs.world.voice.delivery(call.number("delivery"))
    if found is None:
        raise not_found()
    headers = call.verbs.world.voice.headers(found)
    request = {"headers": headers, "payload": found.payload}
    return Answer({**_delivery(call, found), "request": request, "response": {"headers": {}, "payload": ""}})


@ROUTES.add("POST /app/hook/deliveries/{delivery}/attempts", app_only=True)
def attempt(call: Call) -> Answer:
    try:
        call.verbs.world.voice.redeliver(call.number("delivery"))
    except LookupError as missing:
        raise not_found() from missing
    return Answer({}, 202)


@ROUTES.add("GET /installation/repositories", "metadata:read")
def repositories(call: Call) -> Answer:
    allowed = call.caller.repositories
    known = [repo for repo in call.verbs.world.repositories.values() if repo.installed]
    return call.listed(
        [repo for repo in known if allowed is None or repo.id in allowed], call.verbs.tell.plain.repository, "repositories"
    )


@ROUTES.add("GET /rate_limit")
def rate_limit(call: Call) -> Answer:
    limits = call.limits
    told = {name: limits.told(call.caller, path) for name, path in (("core", "/"), ("graphql", "/graphql"))}
    return Answer({"resources": told, "rate": told["core"]})


def _own(call: Call) -> None:
    if call.number("installation") != call.verbs.world.app.installation_id:
        raise not_found()


def _delivery(call: Call, delivery: Delivery) -> Json:
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": when(delivery.at),
        "redelivery": delivery.redelivery,
        "duration": 0.01,
        "status": delivery.answer,
        "status_code": delivery.status,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": call.verbs.world.app.installation_id,
        "repository_id": delivery.repository_id,
    }
