"""moto's time is the sandbox's, wherever moto asks for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .conftest import Time


def test_services_date_things_by_the_sandbox_s_clock(client: Callable[..., Any], time: Time) -> None:
    s3, iam, logs = client("s3"), client("iam"), client("logs")
    time.now += 3600
    now = datetime.fromtimestamp(time.now, UTC)
    s3.create_bucket(Bucket="pictures")
    s3.put_object(Bucket="pictures", Key="k")
    logs.create_log_group(logGroupName="g")
    assert s3.head_object(Bucket="pictures", Key="k")["LastModified"] == now
    assert s3.list_buckets()["Buckets"][0]["CreationDate"] == now
    assert logs.describe_log_groups()["logGroups"][0]["creationTime"] == int(time.now * 1000)
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]
    assert role["CreateDate"] == now
