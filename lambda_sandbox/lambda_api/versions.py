"""Published versions: frozen copies of `$LATEST`, numbered from 1, a number never used twice."""

from __future__ import annotations

from dataclasses import replace

from lambda_sandbox.lambda_api import configuration, errors, lifecycle, provisioned
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import find, locate
from lambda_sandbox.lambda_api.paging import page
from lambda_sandbox.state import LATEST, Function, FunctionVersion


def publish_version(context: Context, given: Given) -> Answer:
    function = find(context, locate(context, given))
    lifecycle.refuse_if_busy(function)
    lifecycle.check_revision(given.get("RevisionId"), lifecycle.revision(function, LATEST))
    sent, now = given.get("CodeSha256"), function.latest.code.sha256
    if sent and sent != now:
        raise errors.invalid(
            f"CodeSHA256 ({sent}) is different from current CodeSHA256 in $LATEST ({now}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )
    snapshot = function.latest.snap_start != "None"  # it is taken first; else a version is ready at once (recorded)
    ready_in_s = lifecycle.CREATE_S if snapshot else None
    version = publish(context, function, given.get("Description"), ready_in_s=ready_in_s)
    return configuration.describe(context, function, version)


def publish(
    context: Context, function: Function, description: str | None = None, *, ready_in_s: float | None
) -> FunctionVersion:
    """Freezes `$LATEST`; if neither code nor configuration changed since the last time, that version again.

    It is Active `ready_in_s` later, and Pending until then; None makes it Active at once.
    """
    latest = function.latest
    unchanged = function.settings.get("published_from") == latest.revision_id
    last = function.versions.get(str(function.next_version - 1))
    if last and (unchanged or _same(last, latest)):
        return last
    number = str(function.next_version)
    function.next_version += 1
    version = replace(
        latest,
        version=number,
        revision_id=context.state.new_uuid(),
        description=latest.description if description is None else description,
    )
    function.versions[number] = version
    function.settings["published_from"] = latest.revision_id
    lifecycle.created(context, function, number, ready_in_s)
    lifecycle.touch(function, LATEST)  # recorded, as for tags
    return version


def _same(version: FunctionVersion, latest: FunctionVersion) -> bool:
    return version == replace(
        latest, version=version.version, revision_id=version.revision_id, last_modified=version.last_modified
    )


def delete(context: Context, function: Function, number: str) -> None:
    """Deletes one version; one that is not there already is no error. Raises 409 while an alias points to it."""
    aliases = [one.name for one in function.aliases.values() if number == one.function_version or number in one.weights]
    if aliases:
        raise errors.conflict(
            f"Unable to delete version because the following aliases reference it: [{', '.join(sorted(aliases))}]"
        )
    provisioned.forget(context, function, number)
    function.versions.pop(number, None)
    function.lifecycle.pop(number, None)
    function.policies.pop(number, None)
    function.event_invoke_configs.pop(number, None)


def list_versions_by_function(context: Context, given: Given) -> Answer:
    """`$LATEST` first, then the numbers; without states, each by its qualified ARN."""
    function = find(context, locate(context, given))
    listed = [
        (order(v.version), configuration.describe(context, function, v, qualifier=v.version, states=False))
        for v in [function.latest, *function.versions.values()]
    ]
    versions, marker = page(listed, given)
    return {"Versions": versions, "NextMarker": marker}


def order(number: str) -> str:
    """A key that sorts `$LATEST` first and the numbers by value."""
    return f"{0 if number == LATEST else int(number):012d}"
