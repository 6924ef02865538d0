"""The variables boto3 reads: set, handed from sandbox to sandbox, and put back exactly."""

from __future__ import annotations

import os
from collections.abc import Iterator

import boto3
import pytest

from lambda_sandbox import aws_variables


def address(endpoint_url: str = "http://127.0.0.1:1", region: str = "us-east-1") -> aws_variables.Address:
    return aws_variables.Address(endpoint_url, region)


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith(("AWS_", "BOTO_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    before = variables()
    yield
    assert variables() == before


def variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


def test_whatever_order_they_stop_in_the_newest_that_runs_is_addressed() -> None:
    one, two, three = (address(f"http://127.0.0.1:{port}") for port in (1, 2, 3))
    for place in (one, two, three):
        aws_variables.point_to(place)
    aws_variables.forget(two)
    assert os.environ["AWS_ENDPOINT_URL"] == three.endpoint_url
    aws_variables.forget(three)
    assert os.environ["AWS_ENDPOINT_URL"] == one.endpoint_url
    aws_variables.forget(one)
    aws_variables.forget(one)
    assert "AWS_ENDPOINT_URL" not in os.environ


def test_a_sandbox_that_is_only_dropped_does_not_let_boto3_go_to_aws() -> None:
    one, two = address("http://127.0.0.1:1"), address("http://127.0.0.1:2")
    aws_variables.point_to(one)
    aws_variables.forget(one, restore=False)
    assert os.environ["AWS_ENDPOINT_URL"] == one.endpoint_url
    aws_variables.point_to(two)
    assert os.environ["AWS_ENDPOINT_URL"] == two.endpoint_url
    aws_variables.forget(two)
    assert "AWS_ENDPOINT_URL" not in os.environ


def test_every_variable_of_aws_is_hidden_and_comes_back() -> None:
    real = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL_LAMBDA": "https://lambda.example.com",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/x",
        "AWS_ROLE_ARN": "arn:aws:iam::1:role/x",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "AWS_CA_BUNDLE": "/bundle",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "BOTO_CONFIG": "/boto",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in real.items():
            patch.setenv(name, value)
        before, place = variables(), address()
        aws_variables.point_to(place)
        assert not set(real) & set(os.environ)
        aws_variables.forget(place)
        assert variables() == before


def test_what_is_set_between_two_sandboxes_is_hidden_from_the_second() -> None:
    one, two = address(), address()
    aws_variables.point_to(one)
    os.environ["AWS_PROFILE"] = "production"
    aws_variables.point_to(two)
    assert "AWS_PROFILE" not in os.environ
    aws_variables.forget(two)
    aws_variables.forget(one)
    assert os.environ.pop("AWS_PROFILE") == "production"


def test_a_client_made_before_does_not_decide_for_those_made_after() -> None:
    boto3.setup_default_session(region_name="eu-west-1")
    place = address(region="ap-south-1")
    aws_variables.point_to(place)
    try:
        client = boto3.client("lambda")
        assert (client.meta.endpoint_url, client.meta.region_name) == (place.endpoint_url, "ap-south-1")
    finally:
        aws_variables.forget(place)
    assert boto3.DEFAULT_SESSION is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"no_proxy": "intra.example.com"}, "intra.example.com,127.0.0.1,localhost"),
        ({"NO_PROXY": "intra.example.com"}, "intra.example.com,127.0.0.1,localhost"),
    ],
    ids=["none", "small", "capital"],
)
def test_a_proxy_is_not_asked_for_loopback(given: dict[str, str], expected: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"HTTP_PROXY": "http://proxy.example.com:3128", **given}.items():
            patch.setenv(name, value)
        before, one, two = variables(), address(), address()
        aws_variables.point_to(one)
        aws_variables.point_to(two)
        assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == expected
        aws_variables.forget(two)
        aws_variables.forget(one)
        assert variables() == before


def test_without_a_proxy_nothing_is_said_about_proxies() -> None:
    place = address()
    aws_variables.point_to(place)
    assert "no_proxy" not in os.environ
    aws_variables.forget(place)


def test_an_environment_without_aws_keeps_all_else() -> None:
    assert aws_variables.without_aws({"PATH": "/bin", "AWS_PROFILE": "p", "BOTO_CONFIG": "b"}) == {"PATH": "/bin"}
