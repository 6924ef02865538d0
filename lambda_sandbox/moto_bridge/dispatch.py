"""One request through moto: our Request into moto's, its handler's answer into our Response."""

from __future__ import annotations

import io
import logging
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.parsers.expat import ExpatError

import moto.core.base_backend
from botocore.exceptions import ClientError
from botocore.model import OperationNotFoundError
from moto.core.common_models import BaseModel
from moto.core.exceptions import ServiceException
from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from moto.core.request import Request as MotoRequest
from moto.core.responses import BaseResponse
from werkzeug.exceptions import HTTPException

from lambda_sandbox.moto_bridge.routing import Route
from lambda_sandbox.wire import AwsError, Request, Response

log = logging.getLogger(__name__)

_REGION, _ACCOUNT = "sandbox.region", "sandbox.account"
_NOT_FORWARDED = frozenset(  # what is between the client and the door, and what would steer moto
    {
        "accept-encoding",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "connection",
        "expect",
        "keep-alive",
        "transfer-encoding",
        "x-moto-account-id",
    }
)
_NOT_RETURNED = frozenset({"date", "server", "status", "connection", "transfer-encoding"})  # the door's own business
_GARBAGE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, ExpatError, RecursionError)


class _Request(MotoRequest):
    """moto's Request, which reads a form only where AWS does: `curl --data-binary` calls every PUT a form."""

    @property
    def want_form_data_parsed(self) -> bool:
        return self.method == "POST" and super().want_form_data_parsed


def install() -> None:
    """moto's region is the one that was signed for, every region of AWS exists, and the environment decides nothing.

    Nor does moto remember what is gone: for a dashboard it keeps each message, record and event that there ever was.
    """
    responses: Any = BaseResponse
    responses.get_region_from_url = lambda self, request, full_url: request.environ[_REGION]
    responses.get_current_account = lambda self: self.normalized_request.environ[_ACCOUNT]
    base: Any = moto.core.base_backend
    base.allow_unknown_region = lambda: True
    model: Any = BaseModel
    remember = model.__new__

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if cls.__module__ == "moto.s3.models":  # S3 closes the files of all the objects it remembers
            return remember(cls, *args, **kwargs)
        return super(model, cls).__new__(cls)

    model.__new__ = new


def dispatch(request: Request, route: Route, *, host: str, account: str) -> Response:
    """Calls the handler. Raises AwsError where moto raised something that is no answer of the service."""
    moto_request = _Request(_environ(request, route, host, account))
    try:
        status, headers, body = route.handler(moto_request, moto_request.raw_url, dict(moto_request.headers))
    except HTTPException as answer:
        status, headers, body = answer.code or 400, dict(answer.get_headers()), answer.get_body()
    except ServiceException as error:
        raise AwsError(error.code, 400, str(error.message)) from error
    except ClientError as error:
        details = error.response["Error"]
        raise AwsError(details.get("Code", "ValidationError"), 400, details.get("Message", str(error))) from error
    except OperationNotFoundError as error:
        raise AwsError("UnknownOperationException", 400, f"{route.service} has no operation {error}") from error
    except AwsError:
        raise
    except Exception as error:
        raise _stand_in_failed(route, error) from error
    return _response(request, int(status), headers, body)


def _environ(request: Request, route: Route, host: str, account: str) -> dict[str, Any]:
    """The WSGI environment that moto's Request reads; text in it is latin-1, as WSGI wants it."""
    server, _, port = host.rpartition(":") if ":" in host else (host, "", "80")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "RAW_URI": request.path,
        "QUERY_STRING": request.query,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.peer,
        "SCRIPT_NAME": "",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        _REGION: route.region,
        _ACCOUNT: account,
    }
    spelled = {}
    for name, value in request.headers.items():
        if name in _NOT_FORWARDED:
            continue
        key = environ_key_for_header(name)
        environ[key] = value
        if should_preserve_original_header_name(name):
            spelled[key] = name
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = spelled
    environ["HTTP_HOST"] = host
    environ["CONTENT_LENGTH"] = str(len(request.body))
    return environ


def _response(request: Request, status: int, headers: Any, body: Any) -> Response:
    if body is None:
        body = b""
    elif isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, bytes):
        body = b"".join(part.encode() if isinstance(part, str) else part for part in body)
    kept = []
    for name, value in dict(headers).items():
        lower = name.lower()
        if lower in _NOT_RETURNED or (lower == "content-length" and request.method != "HEAD"):
            continue
        kept.append((str(name), str(value)))
    return Response(status, tuple(kept), b"" if request.method == "HEAD" else body)


def _stand_in_failed(route: Route, error: Exception) -> AwsError:
    """The honest words for a Python exception inside moto: mostly garbage in the request, at times a limit of moto."""
    log.debug("moto's %s raised", route.service, exc_info=error)
    what = f"{type(error).__name__}: {error}"[:300]
    if isinstance(error, NotImplementedError):
        message = f"The sandbox's stand-in for {route.service} (moto 5.2.5) does not model this: {what}"
        return AwsError("NotImplemented", 501, message)
    message = (
        f"The sandbox's stand-in for {route.service} (moto 5.2.5) failed with {what}. "
        "Either the request is malformed, or you met a limit of the sandbox."
    )
    return AwsError("SandboxStandInFailed", 400 if isinstance(error, _GARBAGE) else 500, message)
