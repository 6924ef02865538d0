"""What each meter is called, its unit, its price and what of it is free (facts §2): of Lambda and of its neighbours.

meter_of("s3", "PutObject")         # "S3 PUT, COPY, POST, LIST"
priced({"S3 GET": 2e6}, "us-east-1", free_tier=True)[0].usd     # 0.8
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lambda_sandbox.facts import fact, price

REQUESTS, TMP, STREAMED, LOGS = "requests", "/tmp above 512 MB", "streamed beyond 6 MB", "logs ingested"
DURATION, PROVISIONED, ALLOCATED = "duration", "duration, provisioned", "provisioned concurrency"
PROVISIONED_REQUESTS = "requests, provisioned"  # they cost the same, but the free tier is not for them
HTTP_API, REST_API = "API requests, HTTP", "API requests, REST"
SQS, SQS_FIFO = "SQS requests", "SQS requests, FIFO"
S3_PUT, S3_GET = "S3 PUT, COPY, POST, LIST", "S3 GET"
SCHEDULER = "EventBridge Scheduler invocations"

_X86, _ARM = (f"{DURATION}, {architecture}" for architecture in ("x86_64", "arm64"))
_PROVISIONED = tuple(f"{meter}{arm}" for meter in (PROVISIONED, ALLOCATED) for arm in ("", ", arm64"))
_NEIGHBOURS = {  # the price's name, and of how many
    HTTP_API: ("http_api_million", 1e6),
    REST_API: ("rest_api_million", 1e6),
    SQS: ("sqs_million", 1e6),
    SQS_FIFO: ("sqs_fifo_million", 1e6),
    S3_PUT: ("s3_put_thousand", 1e3),
    S3_GET: ("s3_get_thousand", 1e3),
    LOGS: ("logs_ingested_gb", 1),
}
_ORDER = (REQUESTS, PROVISIONED_REQUESTS, _X86, _ARM, *_PROVISIONED, TMP, STREAMED, *_NEIGHBOURS)
_FREE = {  # meters that share an amount
    "prices.free_requests": (REQUESTS,),
    "prices.free_gb_seconds": (_X86, _ARM),
    "prices.free_streamed_bytes": (STREAMED,),
    "prices.neighbours.free_sqs_requests": (SQS, SQS_FIFO),
    "prices.neighbours.free_logs_gb": (LOGS,),
}
_TITLES = {
    "dynamodb": "DynamoDB",
    "events": "EventBridge",
    "kinesis": "Kinesis",
    "monitoring": "CloudWatch",
    "logs": "CloudWatch Logs",
    "sns": "SNS",
    "sqs.fifo": "SQS",
}
_PUT_CLASS = ("Put", "Copy", "Post", "List", "Create", "Upload", "Complete")

Tiers = Sequence[tuple[float | None, float]]


class Line(NamedTuple):
    """One meter: how much of it, in which unit, and what that costs in USD, None where no price is known.

    `free` is how much of it is free. `assumed`: the price is that of us-east-1, for lack of this Region's.
    """

    meter: str
    quantity: float
    unit: str
    free: float
    usd: float | None
    assumed: bool = False


def meter_of(service: str, operation: str) -> str:
    """The meter of a request to another service, by its signing name (`sqs.fifo` for FIFO queues)."""
    if service == "s3":
        meter = S3_PUT if operation.startswith(_PUT_CLASS) else "S3, other requests"
        return S3_GET if operation.startswith(("Get", "Head")) else meter
    known = {"sqs": SQS, "sqs.fifo": SQS_FIFO, "http-api": HTTP_API, "rest-api": REST_API}
    return known.get(service) or f"{_TITLES.get(service, service)} requests"


def priced(used: Mapping[str, float], region: str, *, free_tier: bool = False) -> list[Line]:
    """What was used, each meter with its price of a month. Raises ValueError: the Region has no prices here."""
    price("prices.requests_per_million", region)  # raises even if nothing was used
    left = {name: _free(name) if free_tier else 0.0 for name in _FREE}
    found = []
    for meter, quantity in sorted(used.items(), key=_order):
        free = 0.0
        for name, meters in _FREE.items():
            if meter in meters:
                free = min(left[name], quantity)
                left[name] -= free
        tiers, assumed = _tiers(meter, region)
        cost = None if tiers is None else in_tiers(quantity - free, tiers)
        found.append(Line(meter, quantity, _unit(meter), free, cost, assumed))
    return found


def in_tiers(quantity: float, tiers: Tiers) -> float:
    """USD for `quantity`: of each tier (up to so many, None is no end; USD for one) what falls into it."""
    total, below = 0.0, 0.0
    for end, usd in tiers:
        within = quantity if end is None else min(quantity, end)
        total += max(0.0, within - below) * usd
        below = end or quantity
    return total


def _free(name: str) -> float:
    return float(fact(name)) / (1024**3 if name.endswith("_bytes") else 1)


def _tiers(meter: str, region: str) -> tuple[Tiers | None, bool]:
    """USD a unit in tiers, None where no price is known; and whether another Region's is taken."""
    one: float | None
    if meter in _NEIGHBOURS:
        name, of = _NEIGHBOURS[meter]
        found = price(f"prices.neighbours.{name}", region)
        known = found or fact(f"prices.neighbours.{name}")["us-east-1"]
        return [(end, usd / of) for end, usd in _read(known)], found is None
    if meter in (_X86, _ARM):
        return _read(price(f"prices.{'x86' if meter == _X86 else 'arm64'}_gb_second_tiers", region)), False
    if meter in _PROVISIONED:
        pair = price("prices.provisioned_gb_second" + ("_arm64" if meter.endswith("arm64") else ""), region)
        one = pair and pair[meter.startswith(PROVISIONED)]
    elif meter in (REQUESTS, PROVISIONED_REQUESTS):
        one = price("prices.requests_per_million", region) / 1e6
    elif meter == TMP:
        one = price("prices.tmp_gb_second", region)
    elif meter == STREAMED:
        one = fact("prices.streamed_gb")
        return [(None, one or 0.0)], region != "us-east-1"
    else:
        one = None
    return (None if one is None else [(None, one)]), False


def _read(tiers: Sequence[tuple[float | str, float]]) -> Tiers:
    return [(None if end == "above" else float(end), usd) for end, usd in tiers]


def _order(used: tuple[str, float]) -> tuple[int, str]:
    meter = used[0]
    return (_ORDER.index(meter) if meter in _ORDER else len(_ORDER), meter)


def _unit(meter: str) -> str:
    if meter in (LOGS, STREAMED):
        return "GB"
    gb_s = meter == TMP or meter.startswith((DURATION, ALLOCATED))
    return "GB-s" if gb_s else "invocations" if meter == SCHEDULER else "requests"
