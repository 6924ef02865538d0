"""Code signing configurations: kept and shown. No package is ever checked for a signature."""

from __future__ import annotations

from typing import Any

from lambda_sandbox.clock import iso8601
from lambda_sandbox.lambda_api import errors, tags
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import find_whole
from lambda_sandbox.lambda_api.paging import page
from lambda_sandbox.state import Function
from lambda_sandbox.wire import AwsError

_ID_DIGITS = 17
Config = dict[str, Any]


def create_code_signing_config(context: Context, given: Given) -> Answer:
    tags.check(given.get("Tags", {}))
    made = f"csc-{context.state.new_hex(_ID_DIGITS)}"
    arn = f"arn:aws:lambda:{context.region}:{context.state.account}:code-signing-config:{made}"
    config: Config = {
        "CodeSigningConfigId": made,
        "CodeSigningConfigArn": arn,
        "Description": given.get("Description"),
        "AllowedPublishers": given["AllowedPublishers"],
        "CodeSigningPolicies": _policies(given),
        "LastModified": _now(context),
    }
    context.state.code_signing_configs[arn] = config
    context.state.other_tags[arn] = dict(given.get("Tags", {}))
    return {"CodeSigningConfig": config}


def get_code_signing_config(context: Context, given: Given) -> Answer:
    return {"CodeSigningConfig": _find(context, given)}


def update_code_signing_config(context: Context, given: Given) -> Answer:
    config = _find(context, given)
    config |= {member: given[member] for member in ("Description", "AllowedPublishers") if member in given}
    if "CodeSigningPolicies" in given:
        config["CodeSigningPolicies"] = _policies(given)
    config["LastModified"] = _now(context)
    return {"CodeSigningConfig": config}


def delete_code_signing_config(context: Context, given: Given) -> Answer:
    arn = _find(context, given)["CodeSigningConfigArn"]
    if _functions(context, arn):
        raise errors.conflict("The CodeSigningConfig cannot be deleted because functions use it.")
    del context.state.code_signing_configs[arn]
    return {}


def list_code_signing_configs(context: Context, given: Given) -> Answer:
    listed = [item for item in sorted(context.state.code_signing_configs.items()) if _is_here(context, item[0])]
    configs, marker = page(listed, given)
    return {"CodeSigningConfigs": configs, "NextMarker": marker}


# -- of a function


def put_function_code_signing_config(context: Context, given: Given) -> Answer:
    arn = check(context, given["CodeSigningConfigArn"])  # before the function (recorded)
    function = _zipped(context, given)
    function.settings["code_signing"] = arn
    return _used_by(function)


def get_function_code_signing_config(context: Context, given: Given) -> Answer:
    """Of a function without one the answer is empty (recorded)."""
    function = _zipped(context, given)
    return _used_by(function) if "code_signing" in function.settings else {}


def delete_function_code_signing_config(context: Context, given: Given) -> None:
    find_whole(context, given).settings.pop("code_signing", None)


def list_functions_by_code_signing_config(context: Context, given: Given) -> Answer:
    listed = _functions(context, _find(context, given)["CodeSigningConfigArn"])
    arns, marker = page([(function.name, context.arn(function.name)) for function in listed], given)
    return {"FunctionArns": arns, "NextMarker": marker}


def check(context: Context, arn: str) -> str:
    """The ARN of a configuration that a function may use. Raises 404 if there is none."""
    if not _exists(context, arn):
        raise AwsError(
            "CodeSigningConfigNotFoundException",
            404,
            "The code signing configuration cannot be found. Check that the provided configuration is not deleted: "
            f"{arn}.",
            capital=True,
        )
    return arn


def not_for_images() -> AwsError:
    return errors.invalid("Code signing is not supported for functions created with container images.")


def _zipped(context: Context, given: Given) -> Function:
    function = find_whole(context, given)
    if function.latest.package_type == "Image":
        raise not_for_images()
    return function


def _find(context: Context, given: Given) -> Config:
    arn = given["CodeSigningConfigArn"]
    if not _exists(context, arn):
        text = f"The Lambda code signing configuration {arn} can not be found."
        raise AwsError("ResourceNotFoundException", 404, text, members={"Type": None})
    return context.state.code_signing_configs[arn]


def _exists(context: Context, arn: str) -> bool:
    return arn in context.state.code_signing_configs and _is_here(context, arn)


def _is_here(context: Context, arn: str) -> bool:
    return f":lambda:{context.region}:" in arn


def _functions(context: Context, arn: str) -> list[Function]:
    return [f for f in context.state.in_region(context.region) if f.settings.get("code_signing") == arn]


def _used_by(function: Function) -> Answer:
    return {"CodeSigningConfigArn": function.settings.get("code_signing"), "FunctionName": function.name}


def _policies(given: Given) -> Config:
    return {"UntrustedArtifactOnDeployment": "Warn", **given.get("CodeSigningPolicies", {})}


def _now(context: Context) -> str:
    return iso8601(context.rooms.clock.now()).replace("Z", "+0000")
