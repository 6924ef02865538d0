"""CloudWatch Logs Insights, taken out of moto: it leaves out filter, stats and parse, and says nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from moto.core.utils import unix_time_millis, utcnow
from moto.logs.models import LogsBackend
from moto.logs.responses import LogsResponse
from moto.moto_api._internal import mock_random

from lambda_sandbox.wire import AwsError

_LONGEST = 10_000  # characters of a query


class LogEvent(NamedTuple):
    """One event of a log group; times in ms since 1970. `log` is `account:group`."""

    timestamp: int
    message: str
    stream: str
    log: str
    ingested: int


class Answer(NamedTuple):
    """Rows of texts by column, and how many events the query matched."""

    rows: list[dict[str, str]]
    matched: int


Ask = Callable[[str, Sequence[LogEvent], int | None], Answer]

_backend: Any = LogsBackend
_responses: Any = LogsResponse


class _Query:
    """A query that is done: AWS takes a second or two, the sandbox answers at once."""

    status = "Complete"

    def __init__(self, text: str, groups: list[str], answer: Answer, scanned: Sequence[LogEvent]) -> None:
        self.query_id = str(mock_random.uuid4())
        self.query, self.log_group_names, self.answer = text, groups, answer
        self.scanned, self.bytes = len(scanned), sum(len(event.message.encode()) for event in scanned)
        self.create_time = int(unix_time_millis(utcnow()))

    def to_json(self, log_group_name: str) -> dict[str, Any]:
        about = {"queryId": self.query_id, "queryString": self.query, "status": self.status}
        return {**about, "createTime": self.create_time, "logGroupName": log_group_name}

    def to_result_json(self) -> dict[str, Any]:
        counted = {"recordsMatched": self.answer.matched, "recordsScanned": self.scanned, "bytesScanned": self.bytes}
        return {
            "queryLanguage": "CWLI",
            "results": [[{"field": name, "value": value} for name, value in row.items()] for row in self.answer.rows],
            "statistics": {name: float(value) for name, value in counted.items()},
            "status": self.status,
        }


def install(ask: Ask) -> None:
    """Puts the seams in. `ask` answers a query over events, or raises AwsError: MalformedQueryException."""

    def start_query(self: Any) -> str:
        given = {name: self._get_param(name) for name in _PARAMETERS}
        backend = self.logs_backend
        if given["queryLanguage"] not in (None, "CWLI"):
            raise AwsError("InvalidParameterException", 400, "The sandbox models queryLanguage CWLI, and no other.")
        groups = _groups(backend, given)
        text, start, end = given["queryString"], int(given["startTime"]), int(given["endTime"])
        if not 0 < len(text) <= _LONGEST:
            raise AwsError("InvalidParameterException", 400, f"A query has at most {_LONGEST} characters.")
        if start > end:
            raise AwsError("InvalidParameterException", 400, "The start time is after the end time.")
        scanned = [event for name in groups for event in _events(backend, name, start * 1000, end * 1000 + 999)]
        query = _Query(text, groups, ask(text, scanned, given["limit"]), scanned)
        backend.queries[query.query_id] = query
        return json.dumps({"queryId": query.query_id})

    def get_query_results(self: Any, query_id: str) -> Any:
        if query_id not in self.queries:
            raise AwsError("ResourceNotFoundException", 400, f"Query with id {query_id} does not exist.")
        return self.queries[query_id]

    _responses.start_query = start_query
    _backend.get_query_results = get_query_results


_PARAMETERS = (
    *("logGroupName", "logGroupNames", "logGroupIdentifiers", "queryLanguage"),
    *("queryString", "startTime", "endTime", "limit"),
)


def _groups(backend: Any, given: Mapping[str, Any]) -> list[str]:
    said = [given[name] for name in _PARAMETERS[:3] if given[name]]
    if len(said) != 1:
        text = "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given."
        raise AwsError("InvalidParameterException", 400, text)
    names = [said[0]] if isinstance(said[0], str) else list(said[0])
    names = [name.split(":log-group:")[-1].removesuffix(":*") for name in names]
    for name in names:
        if name not in backend.groups:
            text = f"Log group '{name}' does not exist for account ID '{backend.account_id}'"
            raise AwsError("ResourceNotFoundException", 400, text)
    return names


def _events(backend: Any, group: str, start: int, end: int) -> list[LogEvent]:
    log = f"{backend.account_id}:{group}"
    return [
        LogEvent(event.timestamp, event.message, name, log, event.ingestion_time)
        for name, stream in backend.groups[group].streams.items()
        for event in stream.events
        if start <= event.timestamp <= end
    ]
