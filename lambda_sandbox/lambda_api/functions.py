"""Functions: create, read, list, update, delete."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import (
    code,
    code_signing,
    configuration,
    errors,
    layers,
    lifecycle,
    provisioned,
    roles,
    tags,
    versions,
)
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import Target, find, find_whole, is_alias, locate, version_of
from lambda_sandbox.lambda_api.paging import page
from lambda_sandbox.state import LATEST, Code, Function, FunctionVersion


async def create_function(context: Context, given: Given) -> Answer:
    name = _new_name(context, given)
    of_image = given.get("PackageType") == "Image"
    if of_image and any(given.get(member) for member in ("Handler", "Runtime", "Layers")):
        raise errors.invalid(
            "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
        )
    if not of_image and ("Runtime" not in given or "Handler" not in given):
        raise errors.invalid(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    changes = configuration.settings(context, given)
    tags.check(given.get("Tags", {}))
    signing = code_signing.check(context, given["CodeSigningConfigArn"]) if "CodeSigningConfigArn" in given else None
    if signing and of_image:
        raise code_signing.not_for_images()
    _refuse_existing(context, name)
    await roles.check_assumable(context, given["Role"])
    package = await _package(context, given["Code"], given.get("PackageType", "Zip"), "creating")
    code.check_start(package, changes.get("image_config"))
    layers.check_total(package, changes.get("layers", ()))
    _refuse_existing(context, name)  # another create may have been quicker while the package was unpacked
    latest = _first(context, name, package, changes)
    function = Function(latest, tags=dict(given.get("Tags", {})))
    if signing:
        function.settings["code_signing"] = signing
    context.state.functions[context.region, name] = function
    lifecycle.created(context, function, LATEST)
    if given.get("Publish"):
        latest = versions.publish(context, function, ready_in_s=lifecycle.CREATE_S)
    return {
        **configuration.describe(context, function, latest),
        "FunctionArn": context.arn(name),
    }  # unqualified (recorded)


async def _package(context: Context, source: Given, package_type: str, doing: str) -> Code:
    """What was recorded of an update is said of a create too."""
    if package_type == "Zip":
        return await code.fetch(context, source)
    if "ImageUri" not in source or {"ZipFile", "S3Bucket"} & set(source):
        raise errors.invalid(f"Please provide ImageUri when {doing} a function with packageType Image.")
    return await code.fetch_image(context, source["ImageUri"])


def _new_name(context: Context, given: Given) -> str:
    name, qualifier = locate(context, given)
    if qualifier:
        raise errors.functions_only()
    if len(name) > fact("limits.function_name"):
        raise errors.invalid(
            f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: "
            f"Member must have length less than or equal to {fact('limits.function_name')}"
        )
    return name


def _refuse_existing(context: Context, name: str) -> None:
    if context.state.function(context.region, name):
        raise errors.conflict(f"Function already exist: {name}")


def _first(context: Context, name: str, package: Code, changes: dict[str, Any]) -> FunctionVersion:
    return FunctionVersion(
        region=context.region,
        name=name,
        version=LATEST,
        revision_id=context.state.new_uuid(),
        code=package,
        last_modified=context.rooms.clock.now(),
        **{"log_group": f"/aws/lambda/{name}", **changes},
    )


def get_function(context: Context, given: Given) -> Answer:
    target = locate(context, given)
    function = find(context, target)
    version = version_of(context, function, target.qualifier)
    reserved = function.reserved_concurrency
    return {
        "Configuration": configuration.describe(context, function, version, qualifier=target.qualifier),
        "Code": _code(context, version),
        "Tags": function.tags or None,
        "Concurrency": None if reserved is None else {"ReservedConcurrentExecutions": reserved},
    }


def _code(context: Context, version: FunctionVersion) -> Answer:
    """Where the package can be downloaded: the door serves it (DESIGN §4.3); or which image it was."""
    if image := version.code.image:
        return {"RepositoryType": "ECR", "ImageUri": image.uri, "ResolvedImageUri": image.resolved_uri}
    digest = base64.b64decode(version.code.sha256).hex()
    location = f"{context.endpoint}/_sandbox/code/{digest}?versionId={version.revision_id}"
    return {"RepositoryType": "S3", "Location": location}


def get_function_configuration(context: Context, given: Given) -> Answer:
    target = locate(context, given)
    function = find(context, target)
    version = version_of(context, function, target.qualifier)
    return configuration.describe(context, function, version, qualifier=target.qualifier)


def list_functions(context: Context, given: Given) -> Answer:
    """Without states. `FunctionVersion=ALL` lists every version, each by its qualified ARN."""
    whole = given.get("FunctionVersion") == "ALL"
    listed: list[tuple[str, Answer]] = []
    for function in context.state.in_region(context.region):
        for version in [function.latest, *(function.versions.values() if whole else ())]:
            shown = configuration.describe(
                context, function, version, qualifier=version.version if whole else None, states=False
            )
            listed.append((f"{function.name}:{versions.order(version.version)}", shown))
    functions, marker = page(listed, given)
    return {"Functions": functions, "NextMarker": marker}


async def update_function_code(context: Context, given: Given) -> Answer:
    function = find_whole(context, given)
    _check_may_change(function, given)
    package_type = function.latest.package_type
    if "ImageUri" in given and package_type == "Zip":
        raise errors.invalid("Please don't provide ImageUri when updating a function with packageType Zip.")
    package = await _package(context, given, package_type, "updating")
    code.check_start(package, function.latest.image_config)
    layers.check_total(package, function.latest.layers)
    changes: dict[str, Any] = {"code": package}
    if "Architectures" in given:
        changes["architecture"] = given["Architectures"][0]
    if given.get("DryRun"):
        return configuration.describe(context, function, replace(function.latest, **changes))
    _check_still_there(context, function)
    lifecycle.refuse_if_busy(function)
    _change(context, function, changes)
    if given.get("Publish"):
        published = versions.publish(context, function, ready_in_s=0.0)
        return configuration.describe(context, function, published)
    return configuration.describe(context, function, function.latest)


async def update_function_configuration(context: Context, given: Given) -> Answer:
    function = find_whole(context, given)
    _check_may_change(function, given)
    changes = configuration.settings(context, given, function.latest)
    if "image_config" in changes:
        code.check_start(function.latest.code, changes["image_config"])
    layers.check_total(function.latest.code, changes.get("layers", ()))
    if "Role" in given:
        await roles.check_assumable(context, given["Role"])
        _check_still_there(context, function)
        lifecycle.refuse_if_busy(function)
    _change(context, function, changes)
    return configuration.describe(context, function, function.latest)


def _check_may_change(function: Function, given: Given) -> None:
    lifecycle.refuse_if_busy(function)
    lifecycle.check_revision(given.get("RevisionId"), lifecycle.revision(function, LATEST))


def _check_still_there(context: Context, function: Function) -> None:
    """A delete may have been quicker while we waited for S3 or the disk."""
    if context.state.function(context.region, function.name) is not function:
        raise errors.function_not_found(context.arn(function.name))


def _change(context: Context, function: Function, changes: dict[str, Any]) -> None:
    """Replaces `$LATEST` by a new revision; environments of the old one end."""
    function.latest = replace(
        function.latest,
        revision_id=context.state.new_uuid(),
        last_modified=context.rooms.clock.now(),
        **changes,
    )
    lifecycle.updated(context, function)
    context.rooms.invoker.discard(context.region, function.name, "updated")


def delete_function(context: Context, given: Given) -> Answer:
    """The whole function, or one published version of it.

    204: the model's 200 is only a default for an answer whose status is one of its members.
    """
    target = locate(context, given)
    if target.qualifier == LATEST:
        raise errors.invalid("$LATEST version cannot be deleted without deleting the function.")
    if is_alias(target.qualifier):
        raise errors.invalid("Deletion of aliases is not currently supported.")
    function = find(context, Target(target.name))  # its 404 names the function alone (recorded)
    if target.qualifier:
        versions.delete(context, function, target.qualifier)
        return {"StatusCode": 204}
    provisioned.forget_all(context, function)
    del context.state.functions[context.region, function.name]
    context.rooms.invoker.discard(context.region, function.name, "deleted")
    return {"StatusCode": 204}
