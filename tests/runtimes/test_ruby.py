"""The Ruby runtime: handlers, answers, errors and log lines as AWS's own client has them, in real rooms."""

import json
import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_sandbox.environments.ruby import Ruby
from lambda_sandbox.packaging import zip_of
from lambda_sandbox.state import LayerVersion
from lambda_sandbox.wire import AwsError
from tests.engine import Engine, with_engine

needs_ruby = pytest.mark.skipif(shutil.which("ruby") is None, reason="no Ruby is installed")
APP = """
require "tmpdir"
COUNT = [0]

def handler(event:, context:)
  case event.first
  in ["raises", message] then deep(message)
  in ["misspells", _] then nobody_knows_this
  in ["exits", status] then exit(status)
  in ["dies", status] then exit!(status)
  in ["raw", text] then StringIO.new(text)
  in ["circles", _] then 0.0 / 0
  else
    COUNT[0] += 1
    { got: event, count: COUNT[0], mb: context.memory_limit_in_mb, time: context.get_remaining_time_in_millis > 1000,
      about: [context.function_name, context.function_version, context.client_context],
      tmp: File.writable?(Dir.tmpdir) }
  end
end

def deep(message)
  raise ArgumentError, message
end

module Shop
  class Till
    def self.ring(event:, context:)
      puts "puts: für", ["two lines"]
      print "printed\\n"
      logger = Logger.new($stdout)
      logger.debug("debugged")
      logger.warn("warned")
      logger.error(RuntimeError.new("logged"))
      "rung"
    end
  end
end

Till = Shop::Till
"""


def told(outcome: Any) -> Any:
    return json.loads(outcome.payload)


@needs_ruby
@pytest.mark.parametrize("private", [None, False], ids=["private", "plain"])
def test_a_handler_answers_fails_and_ends(private: bool | None) -> None:
    async def story(engine: Engine) -> None:
        engine.deploy(zip_of({"src/app.rb": APP.encode()}), runtime="ruby3.4", handler="src/app.handler", timeout=30)
        answer = told(await engine.invoke('{"a": [1.5, null, "é"]}'.encode()))
        got = {"got": {"a": [1.5, None, "é"]}, "count": 1, "mb": "128", "time": True}
        assert answer == {**got, "about": ["f", "$LATEST", None], "tmp": True}
        failed = await engine.invoke(b'{"raises": "no coffee"}')
        error = told(failed)
        assert (failed.function_error, list(error)) == ("Unhandled", ["errorMessage", "errorType", "stackTrace"])
        assert (error["errorMessage"], error["errorType"]) == ("no coffee", "Function<ArgumentError>")
        assert [re.sub(r"in .*", "", frame) for frame in error["stackTrace"]] == [
            f"/var/task/src/app.rb:{line}:" for line in (22, 7)
        ]
        label, logged = engine.logged()
        assert (label, json.loads(logged)) == ("Error raised from handler method\n", error)
        assert (await engine.invoke(b'{"raw": "as it is"}')).payload == b"as it is"
        assert told(await engine.invoke(b'{"circles": 1}'))["errorType"] == "Function<JSON::GeneratorError>"
        assert told(await engine.invoke(b"{}"))["count"] == 2, "the runtime has gone on"
        assert told(await engine.invoke(b'{"misspells": 1}'))["errorType"] == "Function<NameError>"
        assert told(await engine.invoke(b"{}"))["count"] == 1, "the runtime has ended with that"
        exits = told(await engine.invoke(b'{"exits": 3}'))
        assert (exits["errorType"], exits["errorMessage"]) == ("Function<SystemExit>", "exit")
        assert told(await engine.invoke(b'{"dies": 3}'))["errorMessage"].endswith("exited with error: exit status 3")

    with_engine(story, private=private)


@needs_ruby
def test_a_method_of_a_class_prints_and_logs() -> None:
    async def story(engine: Engine) -> None:
        settings = {"runtime": "ruby3.3", "handler": "app.Till.ring"}
        engine.deploy(zip_of({"app.rb": APP.encode()}), **settings)
        assert told(await engine.invoke()) == "rung"
        put, printed, debugged, warned, failed = engine.logged()
        assert (put, printed) == ("puts: für\ntwo lines\n", "printed\n")
        line = r"{0}, \[\d{{4}}-\d\d-\d\dT[\d:.]+ #\d+\] +{1} [0-9a-f-]{{36}} -- : {2}\n"
        assert re.fullmatch(line.format("D", "DEBUG", "debugged"), debugged)
        assert re.fullmatch(line.format("W", "WARN", "warned"), warned)
        assert failed.endswith("logged (RuntimeError)\n\n")
        engine.deploy(zip_of({"app.rb": APP.encode()}), "json", **settings, log_format="JSON")
        await engine.invoke(name="json")
        warned, failed = [json.loads(line) for line in engine.logged()[5:] if line.startswith("{")]
        assert (list(warned), warned["level"]) == (["timestamp", "level", "message", "requestId"], "WARN")
        assert (failed["errorType"], failed["errorMessage"]) == ("RuntimeError", "logged")

    with_engine(story)


LOADING = {
    "nix.handler": ("Init<LoadError>", "cannot load such file -- nix"),
    "broken.handler": ("Init<SyntaxError>", ""),
    "raises.handler": ("Init<RuntimeError>", "at import"),
    "app": ("Init<ArgumentError>", 'Invalid handler ["app"], must be of form FILENAME.METHOD'),
    "app.nix": ("Function<NoMethodError>", "undefined method"),
    "app.Nix.ring": ("Function<NameError>", "uninitialized constant Kernel::Nix"),
}


@needs_ruby
def test_handlers_that_cannot_be_loaded_say_why() -> None:
    async def story(engine: Engine) -> None:
        files = {"app.rb": APP.encode(), "broken.rb": b"def handler(", "raises.rb": b"raise 'at import'"}
        for handler, (kind, message) in LOADING.items():
            engine.deploy(zip_of(files), runtime="ruby3.2", handler=handler)
            error = told(await engine.invoke())
            assert error["errorType"] == kind
            assert error["errorMessage"].startswith(message)
            assert kind == "Init<SyntaxError>" or "\n" not in error["errorMessage"]
        assert "Init error when loading handler \n" in engine.logged()

    with_engine(story)


@needs_ruby
@pytest.mark.parametrize("private", [None, False], ids=["private", "plain"])
def test_gems_and_libraries_of_layers_are_found(private: bool | None) -> None:
    async def story(engine: Engine) -> None:
        gem = "/opt/ruby/gems/3.4.0".removeprefix("/opt/")
        specification = (
            "Gem::Specification.new { |s| s.name, s.version, s.summary = 'beans', '1.0', 'b'; s.authors = ['a'] }"
        )
        files = {
            "ruby/lib/shared.rb": b"SHARED = 'from lib'",
            f"{gem}/gems/beans-1.0/lib/beans.rb": b"BEANS = 'from a gem'",
            f"{gem}/specifications/beans-1.0.gemspec": specification.encode(),
        }
        layer = LayerVersion("arn:aws:lambda:us-east-1:1:layer:s:1", engine.packages.unpack(zip_of(files)), 0.0)
        app = b"require 'shared'; require 'beans'\ndef handler(event:, context:) = [SHARED, BEANS]"
        engine.deploy(zip_of({"app.rb": app}), runtime="ruby3.4", handler="app.handler", layers=(layer,))
        assert told(await engine.invoke()) == ["from lib", "from a gem"]

    with_engine(story, private=private)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Ruby is a shell script")
def test_a_ruby_that_functions_cannot_see_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ruby").write_text("#!/bin/sh\necho /opt/ruby/bin/ruby; echo /opt/ruby; echo true\n")
    (tmp_path / "ruby").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    ruby = Ruby(tmp_path / "runtime")
    version = SimpleNamespace(runtime="ruby3.4", handler="app.handler")
    assert ruby.command(version, False, "")[0] == "/opt/ruby/bin/ruby"
    with pytest.raises(AwsError, match=r"cannot see the one in /opt/ruby: they have a /opt of their own\."):
        ruby.command(version, True, "")


@pytest.mark.parametrize("private", [None, False], ids=["private", "plain"])
def test_without_ruby_the_invocation_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, private: bool | None
) -> None:
    monkeypatch.setenv("PATH", os.devnull)

    async def story(engine: Engine) -> None:
        engine.deploy(zip_of({"app.rb": APP.encode()}), runtime="ruby3.4", handler="app.handler")
        with pytest.raises(
            AwsError, match=r"ruby3\.4 functions run on this machine's Ruby, and there is none, 3 or newer: install"
        ):
            await engine.invoke()

    with_engine(story, private=private)
