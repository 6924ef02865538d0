"""The Java runtime: handlers, answers, errors and log lines as AWS's own client has them, in real rooms.

The functions are in Cases.java, compiled here against the classes that the runtime brings along, as on AWS.
"""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_sandbox.environments.java import Java
from lambda_sandbox.journal import Kind
from lambda_sandbox.packaging import zip_of
from lambda_sandbox.state import LayerVersion
from lambda_sandbox.wire import AwsError
from tests.engine import Engine, with_engine

CASES = Path(__file__).with_name("Cases.java")
EVENTS = "package com.amazonaws.services.lambda.runtime.events;\nimport java.util.*;\n"
MORE = {
    "Layer.java": 'package shared; public class Layer { public static final String NAME = "layer".strip(); }',
    # as aws-lambda-java-events has them: a constructor and no setters; and setters whose names events spell otherwise
    "S3Event.java": EVENTS
    + """public class S3Event {
        private final List<Item> records;
        public S3Event() { this(new ArrayList<>()); }
        public S3Event(List<Item> records) { this.records = records; }
        public List<Item> getRecords() { return records; }
        public static class Elements {
            private final String xAmzId2;
            public Elements(String xAmzId2) { this.xAmzId2 = xAmzId2; }
            public String id2() { return xAmzId2; }
        }
        public static class Item {
            private final String awsRegion;
            private java.time.ZonedDateTime eventTime;
            private final Elements responseElements;
            private final Map<String, String> s3;
            public Item(String awsRegion, String eventTime, Elements responseElements, Map<String, String> s3) {
                this.awsRegion = awsRegion; this.eventTime = java.time.ZonedDateTime.parse(eventTime);
                this.responseElements = responseElements; this.s3 = s3;
            }
            public String region() { return awsRegion; }
            public java.time.ZonedDateTime time() { return eventTime; }
            public Elements elements() { return responseElements; }
            public Map<String, String> key() { return s3; }
        }
    }""",
    "SQSEvent.java": EVENTS
    + """public class SQSEvent {
        private List<Message> records;
        public List<Message> getRecords() { return records; }
        public void setRecords(List<Message> records) { this.records = records; }
        public static class Message {
            private String eventSourceArn; private Date sent;
            public String getEventSourceArn() { return eventSourceArn; }
            public void setEventSourceArn(String arn) { eventSourceArn = arn; }
            public long getSent() { return sent.getTime(); }
            public void setSent(Date sent) { this.sent = sent; }
        }
    }""",
}
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """What javac makes of Cases.java and of a class for a layer, by path in a package."""
    java = Java(tmp_path_factory.mktemp("java"))
    java.prepare()
    if shutil.which("javac") is None or not (client := java.folder / "client.zip").exists():
        pytest.skip("no JDK is installed, 17 or newer: Java functions cannot be tested")
    folder = tmp_path_factory.mktemp("classes")
    for name, text in MORE.items():
        (folder / name).write_text(text)
    more = [str(folder / name) for name in MORE]
    compiler = ["javac", "-J-XX:TieredStopAtLevel=1", "-parameters", "-proc:none", "--release", "17"]
    subprocess.run([*compiler, "-cp", str(client), "-d", str(folder), str(CASES), *more], check=True)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.class")}


def package(classes: Files, *where: str) -> bytes:
    where = where or ("example/", "com/")
    return zip_of({name: code for name, code in classes.items() if name.startswith(where)})


def told(outcome: Any) -> Any:
    return json.loads(outcome.payload)


ORDER = {
    "coffee": 'flät ☕\n"white"',
    "cups": 2,
    "paid": True,
    "extras": [{"name": "milk", "grams": 30}],
    "sizes": {"cup": "LARGE"},
    "then": {"paid": False, "price": 0.0},
    "price": 2.5,
    "numbers": [1, 9007199254740993],
    "bytes": "AP8=",
    "tags": ["hot"],
    "exact": 1.10,
    "note": "soon",
    "anything": [{"a": 1.5, "b": None, "c": {}}],
}
LENIENT = {"cups": "2", "paid": "TRUE", "tags": "hot", "extras": {"name": 5}, "sizes": {"cup": "HUGE"}, "nobody": 1}
UNFIT = {
    '{"cups": {}}': (
        "Cannot deserialize value of type `java.lang.Integer` from Object value (token `JsonToken.START_OBJECT`)"
    ),
    '{"cups": 5000000000}': "Numeric value (5000000000) out of range of `java.lang.Integer`",
    '"text"': (
        "Cannot construct instance of `example.Cases$Order` (although at least one Creator exists): "
        "no String-argument constructor/factory method to deserialize from String value ('text')"
    ),
    '{"cups": ]': "Unexpected character (']' (code 93)) at line: 1, column: 10",
}


def test_events_become_objects_and_objects_answers(classes: Files) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy(package(classes), runtime="java21", handler="example.Cases::order", memory_mb=256)
        answer = told(await engine.invoke(json.dumps(ORDER).encode()))
        assert answer == {**ORDER, "anything": [{"a": 1.5, "c": {}}]}
        assert list(answer)[:6] == ["coffee", "cups", "paid", "extras", "sizes", "then"]
        lenient = told(await engine.invoke(json.dumps(LENIENT).encode()))
        made = {"cups": 2, "paid": True, "extras": [{"name": "5", "grams": 0}], "sizes": {}, "price": 0.0}
        assert lenient == {**made, "tags": ["hot"]}
        for event, why in UNFIT.items():
            error = told(await engine.invoke(event.encode()))
            assert (error["errorMessage"], error["errorType"]) == (
                "An error occurred during JSON parsing",
                "java.lang.RuntimeException",
            )
            assert (error["stackTrace"], error["cause"]["errorType"]) == ([], "java.io.UncheckedIOException")
            assert error["cause"]["cause"]["errorMessage"] == why
        assert told(await engine.invoke(b'{"coffee": "is endless"}'))["errorMessage"].endswith(
            "serialization of response"
        )
        engine.deploy(package(classes), "sorted", runtime="java17", handler="example.Cases::sorted")
        assert told(await engine.invoke(b"[3, 1, 2]", "sorted")) == [1, 2, 3]
        engine.deploy(package(classes), "nothing", runtime="java11", handler="example.Cases::nothing")
        assert (await engine.invoke(b"", "nothing")).payload == b"null"

    with_engine(story)


def test_awss_classes_of_events_are_made_of_events_as_they_are_spelled(classes: Files) -> None:
    """The library, aws-lambda-java-events, comes with the package."""

    async def story(engine: Engine) -> None:
        item = {"awsRegion": "eu-west-1", "eventTime": "2026-11-21T10:00:00.000Z", "s3": {"key": "tea.txt"}}
        stored = {"Records": [{**item, "responseElements": {"x-amz-id-2": "abc"}}]}
        engine.deploy(zip_of(classes), runtime="java21", handler="example.Cases::stored")
        assert told(await engine.invoke(json.dumps(stored).encode())) == "2026 eu-west-1 tea.txt abc"
        engine.deploy(zip_of(classes), "sqs", runtime="java21", handler="example.Cases::handled")
        sent = told(await engine.invoke(b'{"Records": [{"eventSourceARN": "arn", "Sent": 1790000000.5}]}', "sqs"))
        assert sent == {"records": [{"eventSourceArn": "arn", "sent": 1790000000500}]}

    with_engine(story)


def test_what_a_handler_throws_is_told_and_the_runtime_goes_on(classes: Files) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy(package(classes), runtime="java8.al2", handler="example.Cases::order")
        assert told(await engine.invoke(b'{"coffee": "counts"}')) == 1
        failed = await engine.invoke(b'{"coffee": "throws"}')
        error = told(failed)
        assert (failed.function_error, list(error)) == (
            "Unhandled",
            ["errorMessage", "errorType", "stackTrace", "cause"],
        )
        assert (error["errorMessage"], error["errorType"]) == ("no coffee", "java.lang.IllegalArgumentException")
        assert error["stackTrace"][0].startswith("example.Cases.order(Cases.java:")
        assert not [frame for frame in error["stackTrace"] if "sandboxclient" in frame]
        assert (error["cause"]["errorMessage"], error["cause"]["errorType"]) == ("dry", "java.io.IOException")
        (line,) = engine.logged()
        assert line.startswith(
            "no coffee: java.lang.IllegalArgumentException\njava.lang.IllegalArgumentException: no coffee\n\tat "
        )
        silent = told(await engine.invoke(b'{"coffee": "is silent"}'))
        assert silent["errorMessage"] == silent["errorType"] == "java.lang.UnsupportedOperationException"
        assert told(await engine.invoke(b'{"coffee": "counts"}')) == 2

    with_engine(story)


CLASS_NOT_FOUND = {"errorMessage": "Class not found: example.Nix", "errorType": "java.lang.ClassNotFoundException"}
LACKS = "example.Cases::stored"  # its parameter is of a class that the package lacks
NO_METHOD = "No public method named nix with appropriate method signature found on class example.Cases"
LOADING = {
    "example.Nix::go": CLASS_NOT_FOUND,
    "example.Cases::nix": {"errorMessage": NO_METHOD},
    "example.Cases": {"errorMessage": "Class does not implement an appropriate handler interface: example.Cases"},
    LACKS: {
        "errorMessage": "Error loading method stored on class example.Cases",
        "errorType": "java.lang.NoClassDefFoundError",
    },
    "::": {"errorMessage": "Invalid handler: `::'"},
    "example.Cases$Plain::go": {
        "errorMessage": "Class example.Cases$Plain has no public zero-argument constructor",
        "errorType": "java.lang.Exception",
    },
}
INIT = {
    "example.Cases$Broken::go": {
        "errorMessage": "Error loading class example.Cases$Broken",
        "errorType": "java.lang.ExceptionInInitializerError",
    },
    "example.Cases$Refuses::go": {
        "errorMessage": "java.io.IOException: no beans",
        "errorType": "java.io.UncheckedIOException",
    },
}


def test_handlers_that_cannot_be_loaded_say_why(classes: Files) -> None:
    """What the function's own code throws ends Init; what else is wrong is told to whoever invokes."""

    async def story(engine: Engine) -> None:
        async def of(name: str, handler: str) -> Any:
            code = package(classes, "example/") if handler == LACKS else package(classes)
            engine.deploy(code, name, runtime="java25", handler=handler, timeout=30)
            return told(await engine.invoke(name=name))

        names = {f"f{at}": handler for at, handler in enumerate([*LOADING, *INIT])}
        found = await asyncio.gather(*[of(name, handler) for name, handler in names.items()])
        assert dict(zip([*LOADING, *INIT], found, strict=True)) == LOADING | INIT
        broken = {record.function for record in engine.records(Kind.INIT_FAILED)}
        assert broken == {name for name, handler in names.items() if handler in INIT}

    with_engine(story)


@pytest.mark.parametrize("private", [None, False], ids=["private", "plain"])
def test_streams_prints_logs_and_the_context(classes: Files, private: bool | None) -> None:
    async def story(engine: Engine) -> None:
        settings = {"runtime": "java21", "handler": "example.Cases$Streams", "memory_mb": 512}
        engine.deploy(package(classes), **settings)
        assert (await engine.invoke(b'{"a":1}')).payload == b'{"a":1} $LATEST 512 true '
        assert engine.logged() == [
            "printed: für f\n",
            "printed, too\n",
            "logged\nin two lines",
            "[WARN] a warning",
            "[DEBUG] nobody reads it",
        ]
        if private is None:
            engine.deploy(package(classes), "json", **settings, log_format="JSON")
            await engine.invoke(b"{}", "json")
            lines = [line for line in engine.logged()[5:] if line.startswith("{")]
            logged, warned = [json.loads(line) for line in lines]
            assert list(logged) == ["timestamp", "message", "level", "AWSRequestId"]
            assert (logged["message"], logged["level"]) == ("logged\nin two lines", "UNDEFINED")
            assert (warned["message"], warned["level"]) == ("a warning", "WARN")

    with_engine(story, private=private)


def test_jars_of_the_package_and_of_layers_are_found_and_types_are_inherited(classes: Files) -> None:
    async def story(engine: Engine) -> None:
        shared = engine.packages.unpack(zip_of({"java/lib/shared.jar": package(classes, "shared/")}))
        layer = LayerVersion("arn:aws:lambda:us-east-1:123456789012:layer:shared:1", shared, 0.0)
        code = zip_of({"lib/example.jar": package(classes)})
        engine.deploy(code, runtime="java21", handler="example.Cases$Typed", layers=(layer,))
        assert told(await engine.invoke(b'{"milk": {"grams": 30}}')) == "layer 30"

    with_engine(story)


def test_a_jvm_that_ends_or_cannot_go_on_starts_again(classes: Files) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy(package(classes), runtime="java21", handler="example.Cases::leaves", timeout=30)
        assert told(await engine.invoke(b'"3"'))["errorMessage"].endswith("Runtime exited with error: exit status 3")
        overflow = told(await engine.invoke(b'""'))
        assert overflow["errorType"] == "java.lang.StackOverflowError"
        assert told(await engine.invoke(b'"0"'))["errorMessage"].endswith("Runtime exited without providing a reason")

    with_engine(story)


UNFIT_JAVAS = {
    "is Java 1.8": "echo '    java.home = /nix'; echo '    java.specification.version = 1.8'",
    r"comes without a compiler \(javac\)": "echo '    java.home = /nix'; echo '    java.specification.version = 21'",
    "does not run": "exit 1",
}


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Java is a shell script")
@pytest.mark.parametrize("why", UNFIT_JAVAS)
def test_a_java_that_cannot_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    program = tmp_path / "java"
    program.write_text(f"#!/bin/sh\nexec >&2\n{UNFIT_JAVAS[why]}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    java = Java(tmp_path / "runtime")
    java.prepare()
    with pytest.raises(
        AwsError, match=f"java21 functions run on this machine's Java, and {program} {why}: install a JDK"
    ):
        java.command(SimpleNamespace(runtime="java21"), True, "")


@pytest.mark.parametrize("private", [None, False], ids=["private", "plain"])
def test_without_java_the_invocation_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, private: bool | None
) -> None:
    monkeypatch.setenv("PATH", os.devnull)

    async def story(engine: Engine) -> None:
        engine.deploy(zip_of({"App.class": b""}), runtime="java21", handler="App")
        with pytest.raises(
            AwsError,
            match=r"java21 functions run on this machine's Java, and there is none: install a JDK, 17 or newer",
        ):
            await engine.invoke()

    with_engine(story, private=private)
