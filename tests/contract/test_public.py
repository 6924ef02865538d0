"""The public surface: what notebooks lean on does not grow or change by accident."""

from __future__ import annotations

import inspect

import lambda_sandbox
import lambda_sandbox.simulate
import lambda_sandbox.workbook
from lambda_sandbox import Sandbox

SIGNATURES = {
    "client": "(self, service: 'str', **options: 'Any') -> 'Any'",
    "deploy": "(self, source: 'str | Path', name: 'str | None' = None, **create_function: 'Any') -> 'Deployed'",
    "emit": "(self, event: 'Any', *, to: 'str') -> 'str'",
    "journal": "(self, since: 'int' = 0, **where: 'Any') -> 'Records'",
    "power_tune": "(self, function: 'str', payload: 'Any' = None, *, memory: 'Iterable[int]' = "
    "(128, 256, 512, 1024, 1769, 3008), runs: 'int' = 5) -> 'Tuning'",
    "push_image": "(self, source: 'str | Path | Mapping[str, str | bytes]', name: 'str') -> 'str'",
    "reset": "(self) -> 'None'",
    "settle": "(self, timeout: 'float' = 60.0) -> 'None'",
    "stop": "(self) -> 'None'",
    "timeline": "(self, function: 'str | None' = None, *, of: 'str' = 'environments', since: 'int' = 0, "
    "**options: 'Any') -> 'Timeline | Batches | Attempts | Schedules'",
    "bill": "(self, function: 'str | None' = None, **options: 'Any') -> 'Bill'",
}


def test_the_package_offers_these_names() -> None:
    assert sorted(lambda_sandbox.__all__) == ["Sandbox", "SandboxDidNotStart", "SandboxError"]
    for name in lambda_sandbox.__all__:
        assert getattr(lambda_sandbox, name).__doc__


def test_the_workbook_offers_these_names() -> None:
    assert sorted(lambda_sandbox.workbook.__all__) == ["check", "hint", "predict"]
    for name in lambda_sandbox.workbook.__all__:
        assert getattr(lambda_sandbox.workbook, name).__doc__


def test_the_simulation_offers_these_names() -> None:
    names = ["Function", "Row", "Simulation", "constant", "exponential", "poisson", "simulate"]
    assert sorted(lambda_sandbox.simulate.__all__) == names
    for name in names:
        assert getattr(lambda_sandbox.simulate, name).__doc__


def test_a_sandbox_is_made_with_these_options() -> None:
    options = list(inspect.signature(Sandbox).parameters.values())
    assert {option.name: option.default for option in options} == {
        "clock": "real",
        "seed": None,
        "region": "us-east-1",
        "port": 0,
        "account_concurrency": 1000,
        "cpu_share": False,
    }
    assert {option.kind for option in options} == {inspect.Parameter.KEYWORD_ONLY}


def test_a_sandbox_does_these_things() -> None:
    public = {name: member for name, member in vars(Sandbox).items() if not name.startswith("_")}
    assert {name: str(inspect.signature(member)) for name, member in public.items()} == SIGNATURES
    assert all(member.__doc__ for member in public.values())
