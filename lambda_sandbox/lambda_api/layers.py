"""Layers: numbered, immutable versions of a zip, shown at /opt; and how functions name them (facts §8.2)."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

from lambda_sandbox.clock import iso8601
from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import code, errors
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.paging import page
from lambda_sandbox.state import Code, Layer, LayerVersion, layer_arn

_COMPATIBLE = {"CompatibleRuntime": "runtimes", "CompatibleArchitecture": "architectures"}


async def publish_layer_version(context: Context, given: Given) -> Answer:
    """Keeps the zip under the layer's next number; a number is never used again, even if its version was deleted."""
    name = _name(context, given)
    package = await code.fetch(context, given["Content"])
    layer = context.state.layers.setdefault((context.region, name), Layer())
    version = LayerVersion(
        arn=f"{layer_arn(context.region, name, context.state.account)}:{layer.next_version}",
        code=package,
        created=context.rooms.clock.now(),
        description=given.get("Description", ""),
        license_info=given.get("LicenseInfo"),
        runtimes=given.get("CompatibleRuntimes"),
        architectures=given.get("CompatibleArchitectures"),
    )
    layer.versions[layer.next_version] = version
    layer.next_version += 1
    return _whole(context, version)


def get_layer_version(context: Context, given: Given) -> Answer:
    number = check_number(given)
    version = _find(context, _name(context, given), number)
    if version is None:
        raise errors.no_resource()
    return _whole(context, version)


def get_layer_version_by_arn(context: Context, given: Given) -> Answer:
    version = _by_arn(context, given["Arn"])
    if version is None:
        raise errors.no_resource()
    return _whole(context, version)


def list_layers(context: Context, given: Given) -> Answer:
    """Each layer with the latest of its versions that match."""
    listed: list[tuple[str, Answer]] = []
    for (region, name), layer in sorted(context.state.layers.items()):
        matching = list(_matching(layer, given)) if region == context.region else []
        if matching:
            arn = layer_arn(region, name, context.state.account)
            shown = {"LayerName": name, "LayerArn": arn, "LatestMatchingVersion": _shown(matching[0])}
            listed.append((name, shown))
    layers, marker = page(listed, given)
    return {"Layers": layers, "NextMarker": marker}


def list_layer_versions(context: Context, given: Given) -> Answer:
    """Newest first; a layer that is not there has none."""
    layer = context.state.layers.get((context.region, _name(context, given)), Layer())
    versions, marker = page([(v.arn, _shown(v)) for v in _matching(layer, given)], given)
    return {"LayerVersions": versions, "NextMarker": marker}


def delete_layer_version(context: Context, given: Given) -> None:
    """Functions that use it keep it. To delete what is not there changes nothing."""
    number = check_number(given)
    if layer := context.state.layers.get((context.region, _name(context, given))):
        layer.versions.pop(number, None)
        layer.policies.pop(number, None)


# -- how functions name them


def attach(context: Context, arns: Sequence[str]) -> tuple[LayerVersion, ...]:
    """The versions that a function names. Raises InvalidParameterValueException: too many, elsewhere, twice, or not
    there (facts §1.7)."""
    if len(arns) > fact("limits.layers"):
        raise errors.invalid(f"Cannot reference more than {fact('limits.layers')} layers.")
    seen: dict[str, str] = {}
    for arn in arns:
        if arn.split(":")[3] != context.region:
            raise errors.invalid(
                "Layers are not in the same region as the function. "
                f"Layers are expected to be in region {context.region}."
            )
        layer = arn.rpartition(":")[0]
        if layer in seen:
            raise errors.invalid(
                "Two different versions of the same layer are not allowed to be referenced in the same function. "
                f"{seen[layer]} and {arn} are versions of the same layer."
            )
        seen[layer] = arn
    found = []
    for arn in arns:
        version = _by_arn(context, arn)
        if version is None:
            raise errors.invalid(f"Layer version {arn} does not exist.")
        found.append(version)
    return tuple(found)


def check_total(package: Code, layers: Sequence[LayerVersion]) -> None:
    """Raises InvalidParameterValueException if the function and its layers are too large together (facts §1.1)."""
    size, most = package.unzipped + sum(layer.code.unzipped for layer in layers), fact("limits.code_unzipped")
    if layers and size > most:
        raise errors.invalid(
            f"Function code combined with layers exceeds the maximum allowed size of {most} bytes. "
            f"The actual size is {size} bytes."
        )


# -- small things


def check_number(given: Given) -> int:
    if given["VersionNumber"] < 1:
        raise errors.invalid("Layer Version Cannot be less than 1")
    return int(given["VersionNumber"])


def layer_of(context: Context, given: Given) -> tuple[Layer, LayerVersion]:
    """The layer and the version that a request is about. Raises ResourceNotFoundException."""
    name, number = _name(context, given), check_number(given)
    version = _find(context, name, number)
    if version is None:
        arn = f"{layer_arn(context.region, name, context.state.account)}:{number}"
        raise errors.not_found(f"Layer version {arn} does not exist.")
    return context.state.layers[context.region, name], version


def _name(context: Context, given: Given) -> str:
    """`LayerName` may be the layer's ARN."""
    return str(given["LayerName"]).rpartition(":")[2]


def _find(context: Context, name: str, number: int) -> LayerVersion | None:
    layer = context.state.layers.get((context.region, name))
    return layer.versions.get(number) if layer else None


def _by_arn(context: Context, arn: str) -> LayerVersion | None:
    layer, _, number = arn.rpartition(":")
    name = layer.rpartition(":")[2]
    if layer != layer_arn(context.region, name, context.state.account):
        return None
    return _find(context, name, int(number))


def _matching(layer: Layer, given: Given) -> Iterator[LayerVersion]:
    """Newest first."""
    wanted = {field: given[member] for member, field in _COMPATIBLE.items() if member in given}
    for _, version in sorted(layer.versions.items(), reverse=True):
        if all(value in (getattr(version, field) or ()) for field, value in wanted.items()):
            yield version


def _shown(version: LayerVersion) -> dict[str, Any]:
    return {
        "LayerVersionArn": version.arn,
        "Version": int(version.arn.rpartition(":")[2]),
        "Description": version.description,
        "CreatedDate": iso8601(version.created).replace("Z", "+0000"),
        "CompatibleArchitectures": version.architectures,  # an empty list if that was sent (recorded)
        "CompatibleRuntimes": version.runtimes,
        "LicenseInfo": version.license_info,
    }


def _whole(context: Context, version: LayerVersion) -> Answer:
    package = version.code
    digest = base64.b64decode(package.sha256).hex()
    content = {
        "Location": f"{context.endpoint}/_sandbox/code/{digest}",
        "CodeSha256": package.sha256,
        "CodeSize": package.size,
    }
    return {"Content": content, "LayerArn": version.arn.rpartition(":")[0], **_shown(version)}
