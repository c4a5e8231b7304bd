"""Routes about the package registry, of which generic packages are modelled."""

from __future__ import annotations

import hashlib
import re

from integrations.sandbox.gitlab.call import Answer, Call, Routes, record_not_found
from integrations.sandbox.gitlab.model import Package
from integrations.sandbox.gitlab.parameters import Unmodelled, among, flag, text
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import Refusal, not_found
from integrations.sandbox.gitlab.render_package import PACKAGE_TYPE, file_json, package_json

ROUTES = Routes()
READ = Access.REPORTER
_NAME = re.compile(r"^[A-Za-z0-9._+-]+$")
_VERSION = re.compile(r"(?!.*\.\.)[A-Za-z0-9_+.-]+")
_SORT = among("asc", "desc")


@ROUTES.add(
    "GET /projects/{id}/packages", READ, package_type=among("generic", "maven", "npm", "pypi"), package_name=text(),
    package_version=text(), include_versionless=flag(), status=among("default", "hidden"), sort=_SORT,
    order_by=among("created_at", "name", "version", "type"),
)  # fmt: skip
def packages(call: Call) -> Answer:
    """The name is looked for anywhere in a package's, as GitLab's search does."""
    given, orders = call.given, {"name": lambda each: each.name, "version": lambda each: each.version}
    found = [each for each in call.project.packages if given.get("package_name", "") in each.name]
    found = [each for each in found if given.get("package_version") in (None, each.version)]
    found = found if given.get("package_type") in (None, PACKAGE_TYPE) and given.get("status") != "hidden" else []
    found.sort(key=orders.get(given.get("order_by", ""), lambda each: each.id), reverse=given.get("sort") == "desc")
    return call.listed(found, lambda each: package_json(call.project, each))


@ROUTES.add("GET /projects/{id}/packages/{package_id}", READ)
def package(call: Call) -> Answer:
    return Answer(package_json(call.project, _package(call)))


@ROUTES.add("GET /projects/{id}/packages/{package_id}/package_files", READ, order_by=among("id", "file_name"), sort=_SORT)
def package_files(call: Call) -> Answer:
    found = _package(call)
    return call.listed(found.files, lambda file: file_json(found, file))


@ROUTES.add("GET /projects/{id}/packages/generic/{name}/{version}/{file*}", READ)
def download(call: Call) -> Answer:
    """Of several files of one name, the newest."""
    package = _generic(call)
    found = package.newest(call.path["file"]) if package else None
    if found is None:
        raise not_found()
    headers = {"Content-Disposition": "attachment", "X-Checksum-SHA256": hashlib.sha256(found.content).hexdigest()}
    return Answer(found.content, headers=headers)


@ROUTES.add(
    "PUT /projects/{id}/packages/generic/{name}/{version}/{file*}", Access.DEVELOPER, select=among("package_file"),
    status=among("default", "hidden"),
)  # fmt: skip
def upload(call: Call) -> Answer:
    """A file of that name is kept beside an older one, as in every GitLab whose groups do not forbid duplicates."""
    if call.given.get("status") == "hidden":
        raise Unmodelled(400, "", body={"error": "the sandbox knows no hidden packages"})
    if not _NAME.match(call.path["name"]):
        raise Refusal(400, "", body={"error": "package_name is invalid"})
    if not _VERSION.fullmatch(call.path["version"]):
        raise Refusal(400, "", body={"error": "package_version is invalid"})
    if not _NAME.match(call.path["file"].rpartition("/")[2]):
        raise Refusal(400, "", body={"error": "file_name is invalid"})
    found = _generic(call)
    if found is None:
        found = Package(call.world.next_id("package"), call.path["name"], call.path["version"], call.world.now())
        call.project.packages.append(found)
    made = found.add(call.path["file"], call.raw, call.world.now())
    return Answer(file_json(found, made) if call.given.get("select") else {"message": "201 Created"}, 201)


def _package(call: Call) -> Package:
    known = next((each for each in call.project.packages if each.id == call.number("package_id")), None)
    if known is None:
        raise record_not_found()
    return known


def _generic(call: Call) -> Package | None:
    name, version = call.path["name"], call.path["version"]
    return next((each for each in call.project.packages if (each.name, each.version) == (name, version)), None)
