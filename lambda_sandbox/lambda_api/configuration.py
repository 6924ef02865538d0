"""A function's configuration: from the members of a request to a frozen version, and from a version to an answer.

changes = settings(context, given)              # fields of FunctionVersion; raises on what AWS refuses
shown = describe(context, function, version)    # FunctionConfiguration
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lambda_sandbox.clock import iso8601
from lambda_sandbox.cloudwatch.logs import runtime_version_arn
from lambda_sandbox.facts import fact
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.layers import attach
from lambda_sandbox.lambda_api.lifecycle import ACTIVE, revision
from lambda_sandbox.lambda_api.runtimes import check_runtime, check_snap_start
from lambda_sandbox.state import LATEST, Function, FunctionVersion

_PLAIN = {
    "Runtime": "runtime",
    "Handler": "handler",
    "Role": "role",
    "Description": "description",
    "Timeout": "timeout",
    "MemorySize": "memory_mb",
    "PackageType": "package_type",
}
_NOT_MODELLED = {
    "TenancyConfig": "tenant isolation",
    "DurableConfig": "durable functions",
    "CapacityProviderConfig": "capacity providers",
    "AcceleratorConfig": "accelerators",
    "RuntimeConfig": "settings of the runtime",
}


def settings(context: Context, given: Given, current: FunctionVersion | None = None) -> dict[str, Any]:
    """The fields of `FunctionVersion` that a create or an update sets. Raises AwsError for what AWS refuses."""
    changes: dict[str, Any] = {field: given[member] for member, field in _PLAIN.items() if member in given}
    if products := [about for member, about in _NOT_MODELLED.items() if given.get(member)]:
        raise errors.not_modelled(" and ".join(products))
    of_image = (current.package_type if current else given.get("PackageType")) == "Image"
    _check_package_type(given, of_image)
    if "Runtime" in given:
        check_runtime(given["Runtime"])
    _check_most("MemorySize", given.get("MemorySize"), fact("limits.memory_mb_max"))
    _check_most("Timeout", given.get("Timeout"), fact("limits.timeout_max"))
    if "Environment" in given:
        changes["environment"] = variables = dict(given["Environment"].get("Variables", {}))
        check_environment(variables)
    if "EphemeralStorage" in given:
        changes["ephemeral_storage_mb"] = size = given["EphemeralStorage"]["Size"]
        _check_most("EphemeralStorage", size, fact("limits.tmp_mb_max"))
    if "Architectures" in given:
        changes["architecture"] = given["Architectures"][0]
    if "TracingConfig" in given:
        changes["tracing_mode"] = given["TracingConfig"].get("Mode", "PassThrough")
    if "SnapStart" in given:
        changes["snap_start"] = apply_on = given["SnapStart"].get("ApplyOn", "None")
        if apply_on != "None" and not of_image:
            check_snap_start(changes.get("runtime") or (current.runtime if current else None))
    if "LoggingConfig" in given:
        changes |= _logging(given["LoggingConfig"], current)
    if "Layers" in given:
        changes["layers"] = attach(context, given["Layers"])
    if "TargetArn" in given.get("DeadLetterConfig", ()):  # {} changes nothing (recorded), "" takes it away
        changes["dead_letter_arn"] = target = given["DeadLetterConfig"]["TargetArn"] or None
        _check_dead_letters(target)
    if "KMSKeyArn" in given:
        changes["kms_key_arn"] = given["KMSKeyArn"] or None
    if "VpcConfig" in given:
        changes["vpc_config"] = given["VpcConfig"]
    if "FileSystemConfigs" in given:
        changes["file_systems"] = tuple(given["FileSystemConfigs"])
    if "ImageConfig" in given:
        changes["image_config"] = given["ImageConfig"] or None
    return changes


def _check_package_type(given: Given, of_image: bool) -> None:
    """Some settings are for images alone, some for zips."""
    if given.get("ImageConfig") and not of_image:  # AWS's own words are not recorded
        raise errors.invalid("ImageConfig is only supported for functions with packageType Image.")
    if of_image and (given.get("Runtime") or given.get("Handler")):
        raise errors.invalid(
            "The Runtime and Handler parameters are not supported for functions created with container images."
        )
    if of_image and given.get("Layers"):
        raise errors.invalid("Lambda layers are not supported for functions created with container images.")


def _check_dead_letters(arn: str | None) -> None:
    """A standard queue or a standard topic (facts §4.3); AWS's own words are not recorded."""
    if arn and (arn.split(":")[2] not in ("sqs", "sns") or arn.endswith(".fifo") or arn.count(":") != 5):
        raise errors.invalid(f"The dead-letter target {arn} is invalid: it must be a standard SQS queue or SNS topic.")


def _check_most(member: str, value: int | None, most: int) -> None:
    """A quota below the model's own limit: the model leaves room for products that the sandbox does not have."""
    if value is not None and value > most:
        raise errors.invalid(
            f"'{member}' value failed to satisfy constraint: Member must have value less than or equal to {most}"
        )


def check_environment(variables: Mapping[str, str]) -> None:
    """Raises for reserved names and for more than 4 KB, measured as AWS does: on the compact JSON, in bytes."""
    intro = (
        "Lambda was unable to configure your environment variables because the environment variables you have provided "
    )
    if reserved := [name for name in variables if name in fact("environment.reserved")]:
        raise errors.invalid(
            f"{intro}contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    if any(
        "\0" in value for value in variables.values()
    ):  # no process can be given it; AWS's own words are not recorded
        raise errors.invalid(f"{intro}contains the character U+0000.")
    measured = json.dumps(variables, ensure_ascii=False, separators=(",", ":"))
    if len(measured.encode()) > fact("limits.environment_bytes"):
        raise errors.invalid(f"{intro}exceeded the 4KB limit. String measured: {measured}")


def _logging(given: Given, current: FunctionVersion | None) -> dict[str, Any]:
    """Switching to JSON sets both levels to INFO unless they are sent (facts §3.6)."""
    log_format = given.get("LogFormat") or (current.log_format if current else "Text")
    levels = {name: given.get(name) for name in ("ApplicationLogLevel", "SystemLogLevel")}
    if log_format == "Text":
        if sent := [name for name, level in levels.items() if level]:
            raise errors.invalid(f"{sent[0]} is only supported when LogFormat is JSON")
        changes: dict[str, Any] = {"application_log_level": None, "system_log_level": None}
    else:
        before = (current.application_log_level, current.system_log_level) if current else (None, None)
        changes = {
            "application_log_level": levels["ApplicationLogLevel"] or before[0] or "INFO",
            "system_log_level": levels["SystemLogLevel"] or before[1] or "INFO",
        }
    changes["log_format"] = log_format
    if "LogGroup" in given:
        changes["log_group"] = given["LogGroup"]
    return changes


# -- answers


def describe(
    context: Context,
    function: Function,
    version: FunctionVersion,
    *,
    qualifier: str | None = None,
    states: bool = True,
) -> Answer:
    """FunctionConfiguration. `qualifier` is what ends the ARN; lists leave the `states` out."""
    if qualifier is None and version.version != LATEST:
        qualifier = version.version
    shown: Answer = {
        "FunctionName": version.name,
        "FunctionArn": context.arn(version.name, qualifier),
        "Runtime": version.runtime,
        "Role": version.role,
        "Handler": version.handler,
        "CodeSize": version.code.size,
        "Description": version.description,
        "Timeout": version.timeout,
        "MemorySize": version.memory_mb,
        "LastModified": iso8601(version.last_modified).replace("Z", "+0000"),
        "CodeSha256": version.code.sha256,
        "Version": version.version,
        "TracingConfig": {"Mode": version.tracing_mode},
        "RevisionId": revision(function, version.version),
        "PackageType": version.package_type,
        "Architectures": [version.architecture],
        "EphemeralStorage": {"Size": version.ephemeral_storage_mb},
        "SnapStart": _snap_start(version),
        "LoggingConfig": {
            "LogFormat": version.log_format,
            "ApplicationLogLevel": version.application_log_level,
            "SystemLogLevel": version.system_log_level,
            "LogGroup": version.log_group,
        },
    }
    if version.environment is not None:
        shown["Environment"] = {"Variables": version.environment}
    if version.dead_letter_arn:
        shown["DeadLetterConfig"] = {"TargetArn": version.dead_letter_arn}
    if version.kms_key_arn:
        shown["KMSKeyArn"] = version.kms_key_arn
    if version.image_config:
        shown["ImageConfigResponse"] = {"ImageConfig": version.image_config}
    if version.layers:
        shown["Layers"] = [{"Arn": layer.arn, "CodeSize": layer.code.size} for layer in version.layers]
    if version.vpc_config is not None:
        unsent = {"VpcId": "", "SubnetIds": [], "SecurityGroupIds": [], "Ipv6AllowedForDualStack": False}
        shown["VpcConfig"] = {**unsent, **version.vpc_config}
    if version.file_systems:
        shown["FileSystemConfigs"] = list(version.file_systems)
    if states:
        shown |= _states(function, version)
    return shown


def _states(function: Function, version: FunctionVersion) -> Answer:
    life = function.lifecycle.get(version.version, ACTIVE)
    shown: Answer = {
        "State": life.state,
        "StateReason": life.state_reason,
        "StateReasonCode": life.state_reason_code,
        "LastUpdateStatus": life.last_update_status,
        "LastUpdateStatusReason": life.last_update_status_reason,
        "LastUpdateStatusReasonCode": life.last_update_status_reason_code,
    }
    if version.runtime:
        shown["RuntimeVersionConfig"] = {"RuntimeVersionArn": runtime_version_arn(version.region, version.runtime)}
    return shown


def _snap_start(version: FunctionVersion) -> Answer:
    taken = version.snap_start != "None" and version.version != LATEST
    return {"ApplyOn": version.snap_start, "OptimizationStatus": "On" if taken else "Off"}
