"""What a REST API answers: with what a function returned, with a template's text, or with a refusal of its own.

    response = answer(outcome_payload, request, stage)        # raises Malformed: 502
    refusal(stage, "MISSING_AUTHENTICATION_TOKEN")            # a gateway response, as the API may have customised it

Pure. What counts as malformed was recorded from AWS (localstack's snapshots of 2024-11-15).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from lambda_sandbox.event_sources import payload2
from lambda_sandbox.event_sources.payload2 import JSON, Malformed
from lambda_sandbox.event_sources.rest_api import Found, is_binary
from lambda_sandbox.moto_bridge import ApiStage
from lambda_sandbox.wire import Request, Response

_MEMBERS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
_TEMPLATE = re.compile(r"\$context\.([A-Za-z.]+)")

# type of gateway response: status, message, name of the error; and whether AWS spells it "Message"
REFUSALS = {
    "MISSING_AUTHENTICATION_TOKEN": (403, "Missing Authentication Token", "MissingAuthenticationTokenException"),
    "UNAUTHORIZED": (401, "Unauthorized", "UnauthorizedException"),
    "ACCESS_DENIED": (403, "User is not authorized to access this resource", "AccessDeniedException"),
    "INVALID_API_KEY": (403, "Forbidden", "ForbiddenException"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, None, "AuthorizerConfigurationException"),
    "BAD_REQUEST_PARAMETERS": (400, "Missing required request parameters", "BadRequestException"),
    "BAD_REQUEST_BODY": (400, "Invalid request body", "BadRequestException"),
    "REQUEST_TOO_LARGE": (413, "Request Too Long", "RequestTooLongException"),
    "INTEGRATION_TIMEOUT": (504, "Endpoint request timed out", "InternalServerErrorException"),
    "API_CONFIGURATION_ERROR": (500, "Internal server error", "InternalServerErrorException"),
    "DEFAULT_5XX": (502, "Internal server error", "InternalServerErrorException"),
}


def answer(payload: bytes, request: Request, stage: ApiStage) -> Response:
    """The answer for what a function returned to a proxy integration. Raises Malformed: other members are refused."""
    value = payload2.loaded(payload)
    if not isinstance(value, dict) or value.keys() - _MEMBERS:
        raise Malformed
    single, several = value.get("headers") or {}, value.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(several, dict):
        raise Malformed
    headers = []
    for name, values in several.items():  # its spelling of a name wins, and what `headers` says of it comes last
        if not isinstance(values, list):
            raise Malformed
        also = [text for other, text in single.items() if other.lower() == name.lower() and text not in values]
        headers += [_header(name, text) for text in (*values, *also)]
    repeated = {name.lower() for name in several}
    headers += [_header(name, text) for name, text in single.items() if name.lower() not in repeated]
    status = 200 if value.get("statusCode") is None else payload2.status(value["statusCode"])
    typed = payload2.typed(headers, JSON[1])
    return Response(status, typed, _answered_body(value, request, stage, dict(typed)))


def _header(name: str, value: Any) -> tuple[str, str]:
    if isinstance(value, dict | list) or value is None:
        raise Malformed
    return payload2.header(name, value)


def _answered_body(value: Mapping[str, Any], request: Request, stage: ApiStage, headers: Mapping[str, str]) -> bytes:
    """The body's bytes. Base64 is decoded if the first type of Accept, or else the Content-Type, is a binary one."""
    body = value.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise Malformed
    if value.get("isBase64Encoded") is True:
        named = next(text for name, text in headers.items() if name.lower() == "content-type")
        if is_binary(request.headers.get("accept", named), stage):
            try:
                return base64.b64decode(body, validate=True)
            except (binascii.Error, ValueError):
                raise Malformed from None
    return body.encode("utf-8", "replace")


def refusal(stage: ApiStage | None, kind: str, *, message: str | None = None, request_id: str = "") -> Response:
    """A gateway response: AWS's own, or the API's for this type, or for all of 4xx or 5xx."""
    default, text, name = REFUSALS[kind]
    text = message or text
    customised = stage.definition["gatewayResponses"] if stage else {}
    custom = customised.get(kind) or customised.get(f"DEFAULT_{default // 100}XX") or {}
    template = (custom.get("responseTemplates") or {}).get("application/json")
    if template is None:
        body = json.dumps({"Message" if kind == "ACCESS_DENIED" else "message": text})
    else:
        known = {"error.message": text or "", "error.messageString": json.dumps(text), "error.responseType": kind}
        known["requestId"] = request_id
        body = _TEMPLATE.sub(lambda found: str(known.get(found[1], "")), template)
    headers = [JSON, ("x-amzn-ErrorType", name)]
    for target, source in (custom.get("responseParameters") or {}).items():
        if source.startswith("'"):
            headers.append((target.rpartition(".")[2], source.strip("'")))
    return Response(int(custom.get("statusCode") or default), tuple(headers), body.encode())


# -- integrations that are no proxies: what they send and answer is said by templates


class NeedsTemplates(Exception):
    """A template says more than its own text: API Gateway's template language (VTL) is not modelled."""


def mocked(found: Found, request: Request) -> Response:
    """What a MOCK integration answers: its request template says the status. Raises NeedsTemplates."""
    text = _filled(_request_template(found, request), "") or '{"statusCode": 200}'
    try:
        status = str(json.loads(text)["statusCode"])
    except (ValueError, LookupError, TypeError):
        raise NeedsTemplates from None
    told = (found.method["methodIntegration"].get("integrationResponses") or {}).get(status)
    return refusal(None, "API_CONFIGURATION_ERROR") if told is None else _templated(told, "")


def passed_on(found: Found, request: Request) -> Any:
    """The event of a custom Lambda integration (AWS): the body as it is, or as its template's text has it.

    Raises ValueError where that is no JSON, NeedsTemplates.
    """
    return json.loads(_filled(_request_template(found, request), request.body.decode("utf-8", "replace")) or "{}")


def selected(found: Found, payload: bytes, error: str | None) -> Response:
    """The answer of a custom Lambda integration. Raises NeedsTemplates.

    An error is looked for in the selection patterns; where none matches, and without an error, the response without a
    pattern answers, so that a failure may well be a 200.
    """
    told = (found.method["methodIntegration"].get("integrationResponses") or {}).values()
    chosen = [one for one in told if not one.get("selectionPattern")]
    if error is not None:
        chosen = [one for one in told if _matches(one.get("selectionPattern"), error)] or chosen
    return _templated(chosen[0], payload.decode()) if chosen else refusal(None, "API_CONFIGURATION_ERROR")


def _request_template(found: Found, request: Request) -> str | None:
    templates = found.method["methodIntegration"].get("requestTemplates") or {}
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    text = templates.get(media_type)
    return None if text is None else str(text)


def _templated(told: Mapping[str, Any], body: str) -> Response:
    """An integration response: its status, its static headers, and the body through its template, if it has one."""
    parameters = told.get("responseParameters") or {}
    if not all(value.startswith("'") for value in parameters.values()):
        raise NeedsTemplates
    headers = [(name.rpartition(".")[2], value.strip("'")) for name, value in parameters.items()]
    text = _filled((told.get("responseTemplates") or {}).get("application/json"), body)
    return Response(int(told["statusCode"]), payload2.typed(headers, JSON[1]), text.encode())


def _filled(template: str | None, body: str) -> str:
    """A template that is mere text, or all of the body."""
    if template is None or template.strip() in ("$input.json('$')", "$input.body"):
        return body
    if "$" in template or "#" in template:
        raise NeedsTemplates
    return template


def _matches(pattern: str | None, text: str) -> bool:
    try:
        return bool(pattern and re.fullmatch(pattern, text, re.DOTALL))
    except re.error:
        return False
