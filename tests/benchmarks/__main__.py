"""Prints floors and our figures of one run as a Markdown table. `--quick`: few calls, to see that it works.

Floor and ours take turns, so that a noisy machine is noisy for both. Figures are medians unless they say p99.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from botocore.config import Config

from lambda_sandbox import Sandbox
from lambda_sandbox.packaging import role, zip_of
from tests.benchmarks import simulation, triggers
from tests.benchmarks.floors import bare_runtime, canned

ECHO = "def handler(event, context):\n    return event\n"
IMPORTS_BOTO3 = "import boto3\n\n\ndef handler(event, context):\n    return event\n"
TAKES_50_MS = "import time\n\n\ndef handler(event, context):\n    time.sleep(0.05)\n"
COPIES = """\
import boto3

s3 = boto3.client("s3")


def handler(event, context):
    record = event["Records"][0]["s3"]
    key = record["object"]["key"]
    body = s3.get_object(Bucket=record["bucket"]["name"], Key=key)["Body"].read()
    s3.put_object(Bucket="results", Key=key, Body=body)
"""


PRINTS = "def handler(event, context):\n    print('\\n'.join('x' * 20 for _ in range(event)))\n"


class Counts(NamedTuple):
    rounds: int
    warm: int  # calls a round
    cold: int  # starts in all
    parallel: int  # calls a client
    objects: int
    functions: int
    records: int
    simulated: int  # requests


FULL = Counts(rounds=12, warm=150, cold=24, parallel=60, objects=200, functions=500, records=100_000, simulated=100_000)
QUICK = Counts(rounds=1, warm=3, cold=1, parallel=2, objects=2, functions=3, records=30, simulated=200)


class Row(NamedTuple):
    work: str
    floor: str
    ours: str
    ratio: str
    bound: str
    within: bool

    def __str__(self) -> str:
        verdict = self.bound if self.within else f"{self.bound} (not now)"
        return f"| {self.work} | {self.floor} | {self.ours} | {self.ratio} | {verdict} |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few calls: shows that it runs, measures nothing")
    counts = QUICK if parser.parse_args().quick else FULL
    print("| work | floor | ours | ratio | must be |\n|---|---|---|---|---|")
    with Sandbox() as sandbox:
        for measure in (warm, cold, parallel, s3_to_s3, triggered, crowded):
            for row in measure(sandbox, counts):
                print(row, flush=True)
    for row in simulated(counts):
        print(row, flush=True)
    return 0


def warm(sandbox: Sandbox, counts: Counts) -> Iterator[Row]:
    """A boto3 invoke of a warm function, against boto3 and a server that always says `{}`."""
    sandbox.deploy(ECHO, name="warm")
    with canned() as address:
        floor_client = _client(sandbox, "lambda", endpoint_url=address)
        our_client = _client(sandbox, "lambda")
        floor, ours = _taking_turns(
            counts.rounds, counts.warm, lambda: _invoke(floor_client, "warm"), lambda: _invoke(our_client, "warm")
        )
    yield _row("warm `boto3 lambda.invoke`", floor, ours, 1.5)
    p99, median = _p99(ours), statistics.median(ours)
    yield Row(
        "the same, p99 against its median", _ms(median), _ms(p99), f"{p99 / median:.2f} ×", "≤ 3 ×", p99 <= 3 * median
    )


def cold(sandbox: Sandbox, counts: Counts) -> Iterator[Row]:
    """The first invoke of a function, against a bare `python -m awslambdaric` from its start to its first answer."""
    client = _client(sandbox, "lambda")
    for work, source in {"cold start, no imports": ECHO, "cold start, `import boto3`": IMPORTS_BOTO3}.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "index.py").write_text(source)
            fresh = [sandbox.deploy(source, name=f"cold-{len(source)}-{i}").name for i in range(counts.cold)]
            bare_runtime(Path(folder))  # the machine has read the files
            _invoke(client, sandbox.deploy(source, name=f"cold-{len(source)}").name)
            bare, first = partial(bare_runtime, Path(folder)), partial(_invoke_first, client, fresh)
            floor, ours = _taking_turns(counts.cold, 1, bare, first)
        yield _row(work, floor, ours, 1.2)


def parallel(sandbox: Sandbox, counts: Counts) -> Iterator[Row]:
    """Eight clients and a handler of 50 ms, against the same clients and a server that answers after 50 ms.

    160 calls a second would be no overhead at all, in the clients neither.
    """
    sandbox.deploy(TAKES_50_MS, name="parallel")
    with canned(after_s=0.05) as address:
        floor_clients = [_client(sandbox, "lambda", endpoint_url=address) for _ in range(8)]
        our_clients = [_client(sandbox, "lambda") for _ in range(8)]
        _rate(our_clients, 2)  # eight environments, warm
        pairs = [(_rate(floor_clients, counts.parallel), _rate(our_clients, counts.parallel)) for _ in range(3)]
    floor, ours = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    ratio = f"{ours / floor:.2f} ×"
    yield Row("8 clients, a 50 ms handler", f"{floor:.1f} /s", f"{ours:.1f} /s", ratio, "≥ 156 /s", ours >= 156)


def s3_to_s3(sandbox: Sandbox, counts: Counts) -> Iterator[Row]:
    """From `put_object` to the moment when the object that the function writes is there and nothing is left to do.

    Against the same three calls of boto3 to a server that says yes to all: no Lambda, and no S3.
    """
    s3, lambda_ = _client(sandbox, "s3"), _client(sandbox, "lambda")
    arn = sandbox.deploy(COPIES, name="copies", MemorySize=512).arn
    for bucket in ("uploads", "results"):
        s3.create_bucket(Bucket=bucket)
    lambda_.add_permission(
        FunctionName="copies",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::uploads",
    )
    configuration = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="uploads", NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]}
    )
    numbers = iter(range(counts.objects + 3))

    def to_the_end() -> None:
        key = str(next(numbers))
        s3.put_object(Bucket="uploads", Key=key, Body=b"x" * 1000)
        sandbox.settle()
        there.append(key)

    there: list[str] = []
    for _ in range(2):
        to_the_end()
    with canned(body="") as address:
        nobody = _client(sandbox, "s3", endpoint_url=address)
        floor, ours = _taking_turns(counts.objects, 1, partial(_three_calls, nobody), to_the_end)
    for key in there:
        s3.head_object(Bucket="results", Key=key)
    one, other = statistics.median(floor), statistics.median(ours)
    work, ratio = "S3 put → the function's object is there", f"{other / one:.2f} ×"
    yield Row(work, _ms(one), f"{other * 1000:.1f} ms", ratio, "≤ 6 ms", other <= 0.006)


def _three_calls(s3: Any) -> None:
    """What boto3 does in it, the learner's and the function's."""
    s3.put_object(Bucket="uploads", Key="k", Body=b"x" * 1000)
    s3.get_object(Bucket="uploads", Key="k")["Body"].read()
    s3.put_object(Bucket="results", Key="k", Body=b"x" * 1000)


def triggered(sandbox: Sandbox, counts: Counts) -> Iterator[Row]:
    """From a put to the entry of the handler, for each source."""
    for work, set_up, bound_ms in triggers.SOURCES:
        median = statistics.median(triggers.times(sandbox, set_up, counts.objects))
        yield Row(work, "", _ms(median), "", f"≤ {bound_ms:g} ms", median * 1000 <= bound_ms)


def crowded(sandbox: Sandbox, counts: Counts) -> Iterator[Row]:
    """A warm invoke beside many functions, and after much has happened, against one in a sandbox that has neither."""
    alone, many, long = Sandbox(), Sandbox(), Sandbox()
    with alone, many, long:
        clients = [_client(each, "lambda") for each in (alone, many, long)]
        for each in (alone, many, long):
            each.deploy(ECHO, name="warm")
        about = {"Runtime": "python3.13", "Handler": "lambda_function.handler", "Role": role(many)}
        code = {"ZipFile": zip_of({"lambda_function.py": ECHO.encode()})}
        for number in range(1, counts.functions):
            clients[1].create_function(FunctionName=f"other-{number}", Code=code, **about)
        long.deploy(PRINTS, name="prints")
        for _ in range(0, counts.records, 5000):
            clients[2].invoke(FunctionName="prints", Payload=json.dumps(min(counts.records, 5000)))
        one, beside, after = _taking_turns(
            counts.rounds, counts.warm, *(partial(_invoke, client, "warm") for client in clients)
        )
    yield _row(f"warm invoke, with 1 function and with {counts.functions}", one, beside, 1.1)
    yield _row(f"warm invoke, with few journal records and with {counts.records:,}", one, after, 1.1)


def simulated(counts: Counts) -> Iterator[Row]:
    """The same traffic followed request by request in simpy and in ours; and a day of it, counted in steps."""
    pairs = [
        (
            simulation.a_second(simulation.simpys, counts.simulated),
            simulation.a_second(simulation.ours, counts.simulated),
        )
        for _ in range(3)
    ]
    floor, ours = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    work = "requests simulated a second, and simpy's"
    yield Row(work, f"{floor:,.0f}", f"{ours:,.0f}", f"{ours / floor:.2f} ×", "≥ 1 ×", ours >= floor)
    share = min(counts.simulated / FULL.simulated, 1.0)
    day = simulation.a_day(share)
    yield Row("a simulated day at 1,000 requests/s", "", f"{day:.1f} s", "", "≤ 10 s", day <= 10)


# ------------------------------------------------------------------------------------------------ measuring


def _taking_turns(rounds: int, calls: int, *works: Callable[[], Any]) -> list[list[float]]:
    """Seconds of each call of each work; a work that returns a float has measured itself."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, found in zip(works, times, strict=True):
            if calls > 1:
                work()
            for _ in range(calls):
                began = time.perf_counter()
                measured = work()
                found.append(measured if isinstance(measured, float) else time.perf_counter() - began)
    return times


def _rate(clients: list[Any], calls: int) -> float:
    """Calls a second of all clients together, each in a thread of its own."""

    def calling(client: Any) -> None:
        for _ in range(calls):
            _invoke(client, "parallel")

    threads = [threading.Thread(target=calling, args=[client]) for client in clients]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(clients) * calls / (time.perf_counter() - began)


def _invoke(client: Any, function: str) -> None:
    answer = client.invoke(FunctionName=function, Payload=b"{}")
    body = answer["Payload"].read()
    if "FunctionError" in answer:
        raise RuntimeError(f"{function} failed: {json.loads(body)}")


def _invoke_first(client: Any, functions: list[str]) -> None:
    _invoke(client, functions.pop())


def _client(sandbox: Sandbox, service: str, **options: Any) -> Any:
    return sandbox.client(service, config=Config(retries={"total_max_attempts": 1}), **options)


def _row(work: str, floor: list[float], ours: list[float], bound: float) -> Row:
    one, other = statistics.median(floor), statistics.median(ours)
    return Row(work, _ms(one), _ms(other), f"{other / one:.2f} ×", f"≤ {bound:g} ×", other <= bound * one)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms" if seconds < 0.01 else f"{seconds * 1000:.1f} ms"


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # × and ≤ on any console
    sys.exit(main())
