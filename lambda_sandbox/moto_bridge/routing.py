"""Whose request is it? From an HTTP request to a service of moto, the handler of its URL, and the region.

    request = Request("PUT", "/bucket/key", headers={"authorization": "AWS4… Credential=AKIA…/s3/aws4_request…"})
    route(request, scope_of(request))
    -> Route(service="s3", region="us-east-1", handler=…)

A request says its service in the scope it was signed for. Handlers are found as moto's in-process mode finds them, by
the host that AWS would have and by the path; that needs neither Flask nor a WSGI application, and costs a third.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import moto.backend_index
import moto.backends
from botocore.loaders import Loader
from moto.core.base_backend import BackendDict
from moto.core.models import DEFAULT_ACCOUNT_ID

from lambda_sandbox.wire import AwsError, Request

Handler = Callable[[Any, str, Any], Any]
DEFAULT_REGION = "us-east-1"

_SCOPE = re.compile(r"Credential=(?P<key>[^/,\s]*)/\d{8}/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request")
_VIRTUAL_HOST = re.compile(
    r"^(?P<bucket>[a-z0-9][a-z0-9.-]*?)\.(?:s3\.localhost|localhost|s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com)(?::\d+)?$"
)
_NAMES: dict[str, tuple[str, ...]] = {  # signing name -> the host names that moto knows it by, where they differ
    "bedrock": ("bedrock", "bedrock-runtime", "bedrock-agent", "bedrock-agent-runtime"),
    "bedrock-agentcore": ("bedrock-agentcore", "bedrock-agentcore-control"),
    "eventbridge": ("events",),
    "execute-api": ("iot",),
    "iotdata": ("data.iot",),
    "mediastore": ("mediastore", "data.mediastore"),
    "memorydb": ("memory-db",),
    "mobiletargeting": ("pinpoint",),
    "payment-cryptography": ("controlplane.payment-cryptography",),
    "sagemaker": ("api.sagemaker",),
    "ses": ("email",),
    "timestream": ("ingest.timestream", "query.timestream"),
}
_NO_REGION_IN_HOST = ("budgets", "cloudfront")
_API_AWS = ("aidevops", "dsql", "s3vectors")
_UNSIGNED = {  # what may be called without a signature, by its target or action
    "AWSCognitoIdentityService": "cognito-identity",
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "AssumeRoleWithSAML": "sts",
    "AssumeRoleWithWebIdentity": "sts",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a request was signed for; S3 in us-east-1, by nobody, if it was not signed."""

    service: str = "s3"  # the signing name, e.g. "monitoring" for CloudWatch
    region: str = DEFAULT_REGION
    access_key: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    service: str  # moto's name of it, e.g. "cloudwatch"
    region: str
    handler: Handler


def route(request: Request, scope: Scope) -> Route:
    """Finds who answers. Raises AwsError: unknown region, service or path; a package of the service is missing."""
    if scope.region not in known_regions():
        raise AwsError("SignatureDoesNotMatch", 403, "Credential should be scoped to a valid region.")
    services = [service for host in _hosts(scope, request) for service in _services_at(host)]
    if not services:
        raise AwsError(
            "UnknownService",
            404,
            f"The sandbox has no stand-in for the service '{scope.service}'; it has those of moto 5.2.5.",
        )
    paths = (request.path, request.decoded_path, request.path.rstrip("/"))
    missing: ImportError | None = None
    for service in services:
        try:
            patterns = handlers(service)
        except ImportError as error:
            missing = error
            continue
        for pattern, handler in patterns:
            if any(map(pattern.fullmatch, paths)):
                return Route(service, scope.region, handler)
    if missing is not None:
        raise AwsError(
            "NotImplemented",
            501,
            f"The sandbox's stand-in for {scope.service} (moto 5.2.5) needs a package that is missing: {missing.name}",
        )
    raise AwsError("UnknownOperationException", 404, f"No operation of {scope.service} has the path {request.path}")


def bucket_in_host(host: str) -> str | None:
    """The bucket of a virtual-host style S3 request: `pictures` of `pictures.s3.eu-west-1.amazonaws.com`."""
    match = _VIRTUAL_HOST.match(host)
    return match["bucket"] if match and match["bucket"] != "s3" else None


def scope_of(request: Request) -> Scope:
    """The scope in the Authorization header, or in the query of a presigned URL."""
    if match := _SCOPE.search(request.headers.get("authorization", "")):
        return Scope(match["service"].lower(), match["region"], match["key"])
    if "X-Amz-Credential" in request.query:
        presigned = parse_qs(request.query).get("X-Amz-Credential", [""])[0]
        if match := _SCOPE.search(f"Credential={presigned}"):
            return Scope(match["service"].lower(), match["region"], match["key"])
    if "AWSAccessKeyId=" in request.query:  # S3's older way, which boto3 still takes in us-east-1
        return Scope(access_key=parse_qs(request.query)["AWSAccessKeyId"][0])
    said = [request.headers.get("x-amz-target", "").partition(".")[0]]
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        said += parse_qs(request.body[:4096].decode("latin-1")).get("Action", [])
    return next((Scope(_UNSIGNED[name]) for name in said if name in _UNSIGNED), Scope())


def _hosts(scope: Scope, request: Request) -> tuple[str, ...]:
    """The AWS host names that moto's patterns may expect; more than one where services share a signing name."""
    name = scope.service
    if name == "dynamodb" and request.headers.get("x-amz-target", "").startswith("DynamoDBStreams"):
        names: tuple[str, ...] = ("streams.dynamodb",)
    elif name == "s3" and request.path.startswith("/v20180820/"):
        names = ("123456789012.s3-control",)
    elif name == "sagemaker" and request.path != "/":
        names = ("runtime.sagemaker", "metrics.sagemaker")
    else:
        names = _NAMES.get(name, (name,))
    if name in _NO_REGION_IN_HOST:
        return tuple(f"{host}.amazonaws.com" for host in names)
    domain = "api.aws" if name in _API_AWS else "amazonaws.com"
    return tuple(f"{host}.{scope.region}.{domain}" for host in names)


@cache
def _services_at(host: str) -> tuple[str, ...]:
    """moto's services whose host pattern this is, in moto's order, each once."""
    patterns = moto.backend_index.backend_url_patterns
    return tuple(dict.fromkeys(service for service, pattern in patterns if pattern.fullmatch(f"https://{host}")))


@cache
def handlers(service: str) -> list[tuple[re.Pattern[str], Handler]]:
    """A service's URL patterns, compiled, in moto's order. Imports the service: 20-180 ms the first time.

    Raises ImportError if a package that only this service needs is not installed.
    """
    get_backend: Any = moto.backends.get_backend
    backends = get_backend(service)
    if isinstance(backends, BackendDict):
        account = backends[DEFAULT_ACCOUNT_ID]
        backend = account[DEFAULT_REGION] if DEFAULT_REGION in account else account["aws"]
    else:
        backend = backends["global"]
    return [(re.compile(path), handler) for path, handler in backend.url_paths.items()]


@cache
def known_regions() -> frozenset[str]:
    """Every region of every partition that botocore knows."""
    partitions = Loader().load_data("partitions")["partitions"]
    return frozenset(region for partition in partitions for region in partition["regions"])
