"""Dynamic references: `{{resolve:ssm:/shop/url}}` in a property is looked up when its resource is made.

looked_up({"Url": "https://{{resolve:ssm:/shop/host}}/"}, aws)      # {"Url": "https://example.com/"}
"""

from __future__ import annotations

import json
import re
from typing import Any

from lambda_sandbox.templates.resource import Aws, CannotMake

_REFERENCE = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]+)\}\}")
_SECRET = re.compile(r"(arn:(?:[^:]*:){5}[^:]*|[^:]*)(?::SecretString)?(?::([^:]*))?(?::([^:]*))?(?::([^:]*))?")


def looked_up(value: Any, aws: Aws) -> Any:
    """The value with what its dynamic references stand for. Raises CannotMake."""
    if isinstance(value, dict):
        return {key: looked_up(inner, aws) for key, inner in value.items()}
    if isinstance(value, list):
        return [looked_up(inner, aws) for inner in value]
    return _REFERENCE.sub(lambda match: _found(match[1], match[2], aws), value) if isinstance(value, str) else value


def _found(service: str, named: str, aws: Aws) -> str:
    if service != "secretsmanager":
        return str(aws("ssm", "GetParameter", Name=named, WithDecryption=True)["Parameter"]["Value"])
    if not (match := _SECRET.fullmatch(named)):
        raise CannotMake(f"Incorrect format is used in the following dynamic reference: {named}")
    secret, key, stage, version = match.groups()
    which = {name: one for name, one in (("VersionStage", stage), ("VersionId", version)) if one}
    text = str(aws("secretsmanager", "GetSecretValue", SecretId=secret, **which)["SecretString"])
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, LookupError, TypeError):
        raise CannotMake(f"Could not find a value associated with JSONKey in SecretString: {key}") from None
