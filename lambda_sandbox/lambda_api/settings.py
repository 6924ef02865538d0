"""Small settings of a function that are kept and shown: recursion and runtime management."""

from __future__ import annotations

from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import find, find_whole, locate, version_of


def get_function_recursion_config(context: Context, given: Given) -> Answer:
    return {"RecursiveLoop": find_whole(context, given).settings.get("recursion", "Terminate")}


def put_function_recursion_config(context: Context, given: Given) -> Answer:
    find_whole(context, given).settings["recursion"] = given["RecursiveLoop"]
    return {"RecursiveLoop": given["RecursiveLoop"]}


def get_runtime_management_config(context: Context, given: Given) -> Answer:
    target = locate(context, given)
    function = find(context, target)
    version = version_of(context, function, target.qualifier)
    kept = function.settings.get("runtime_management", {}).get(version.version, {"UpdateRuntimeOn": "Auto"})
    return {"FunctionArn": context.arn(function.name, target.qualifier), **kept}


def put_runtime_management_config(context: Context, given: Given) -> Answer:
    target = locate(context, given)
    function = find(context, target)
    version = version_of(context, function, target.qualifier)
    kept = {"UpdateRuntimeOn": given["UpdateRuntimeOn"]}
    if given["UpdateRuntimeOn"] == "Manual":
        if "RuntimeVersionArn" not in given:
            raise errors.invalid("RuntimeVersionArn is required when UpdateRuntimeOn is Manual.")
        kept["RuntimeVersionArn"] = given["RuntimeVersionArn"]
    function.settings.setdefault("runtime_management", {})[version.version] = kept
    return {"FunctionArn": context.arn(function.name, target.qualifier), **kept}
