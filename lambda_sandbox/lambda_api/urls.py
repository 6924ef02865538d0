"""Function URLs: an HTTP address for a function or an alias of it. How one is answered: `door/urls.py`.

A URL hangs on the function, not on the alias: it outlives a deleted alias, and answers 403 from then on (facts §8.7).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from lambda_sandbox.clock import iso8601
from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.lambda_api.names import Target, locate
from lambda_sandbox.lambda_api.paging import page
from lambda_sandbox.state import LATEST, Function

_CHANGED = ("AuthType", "Cors", "InvokeMode")


def create_function_url_config(context: Context, given: Given) -> Answer:
    target = locate(context, given)
    function = _function(context, target)
    if _key(target) in function.url_configs:
        raise errors.conflict(
            f"Failed to create function url config for [functionArn = {context.arn(target.name, target.qualifier)}]. "
            "Error message:  FunctionUrlConfig exists for this Lambda function"
        )
    now = iso8601(context.rooms.clock.now())
    config = {
        "id": _new_id(context),
        **{member: given[member] for member in _CHANGED if member in given},
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    function.url_configs[_key(target)] = config
    shown = {**_describe(context, function, _key(target)), **_mode(config)}
    del shown["LastModifiedTime"]
    return shown


def get_function_url_config(context: Context, given: Given) -> Answer:
    target = locate(context, given)
    return _describe(context, _having_one(context, target), _key(target))


def update_function_url_config(context: Context, given: Given) -> Answer:
    target = locate(context, given)
    _function(context, target)
    config = _having_one(context, target).url_configs[_key(target)]
    config |= {member: given[member] for member in _CHANGED if member in given}
    config["LastModifiedTime"] = iso8601(context.rooms.clock.now())
    return {**_describe(context, _having_one(context, target), _key(target)), **_mode(config)}


def delete_function_url_config(context: Context, given: Given) -> None:
    target = locate(context, given)
    del _having_one(context, target).url_configs[_key(target)]


def list_function_url_configs(context: Context, given: Given) -> Answer:
    function = _function(context, Target(locate(context, given).name))
    listed = [(key or LATEST, _describe(context, function, key)) for key in sorted(function.url_configs)]
    configs, marker = page(listed, given)
    return {"FunctionUrlConfigs": configs, "NextMarker": marker}


def _mode(config: Mapping[str, Any]) -> Answer:
    """These two answers tell the InvokeMode only if it was ever sent; reads always do (recorded)."""
    return {"InvokeMode": config.get("InvokeMode")}


def _key(target: Target) -> str:
    return target.qualifier or ""


def _function(context: Context, target: Target) -> Function:
    function = context.state.function(context.region, target.name)
    if function is None or (target.qualifier and target.qualifier not in function.aliases):
        raise errors.not_found("Function does not exist")
    return function


def _having_one(context: Context, target: Target) -> Function:
    function = context.state.function(context.region, target.name)
    if function is None or _key(target) not in function.url_configs:
        raise errors.no_resource()
    return function


def _new_id(context: Context) -> str:
    """32 letters and digits: 160 bits in base 32."""
    return base64.b32encode(bytes.fromhex(context.state.new_hex(40))).decode().lower()


def _describe(context: Context, function: Function, key: str) -> Answer:
    config: dict[str, Any] = function.url_configs[key]
    return {
        "FunctionUrl": f"https://{config['id']}.lambda-url.{context.region}.on.aws/",
        "FunctionArn": context.arn(function.name, key or None),
        "AuthType": config["AuthType"],
        "Cors": config.get("Cors") or None,
        "CreationTime": config["CreationTime"],
        "LastModifiedTime": config["LastModifiedTime"],
        "InvokeMode": config.get("InvokeMode", "BUFFERED"),
    }
