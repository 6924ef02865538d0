"""Requests to other services, as an SDK would send them: what a destination or a target gets, on the way inside."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from lambda_sandbox.wire import Request


def message(queue_arn: str, body: str, attributes: dict[str, tuple[str, str]], *, group: str | None = None) -> Request:
    """`group`: of a FIFO queue; messages of the same body are one, if the queue says so."""
    _, region, name = parts(queue_arn)
    given = {key: {"DataType": kind, "StringValue": value} for key, (kind, value) in attributes.items()}
    message = {"QueueUrl": f"http://127.0.0.1/{queue_arn.split(':')[4]}/{name}", "MessageBody": body}
    message |= {} if group is None else {"MessageGroupId": group}
    return json_request("sqs", region, "AmazonSQS.SendMessage", {**message, "MessageAttributes": given})


def notification(
    topic_arn: str, message: str, attributes: dict[str, tuple[str, str]], *, subject: str | None = None
) -> Request:
    form = {"Action": "Publish", "Version": "2010-03-31", "TopicArn": topic_arn, "Message": message}
    form |= {} if subject is None else {"Subject": subject}
    for number, (key, (kind, value)) in enumerate(attributes.items(), 1):
        entry = f"MessageAttributes.entry.{number}"
        form |= {f"{entry}.Name": key, f"{entry}.Value.DataType": kind, f"{entry}.Value.StringValue": value}
    headers = {**signed("sns", parts(topic_arn)[1]), "content-type": "application/x-www-form-urlencoded"}
    return Request("POST", "/", headers=headers, body=urlencode(form).encode())


def json_request(service: str, region: str, target: str, body: dict[str, Any]) -> Request:
    version = "1.0" if service == "sqs" else "1.1"
    headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": target}
    return Request("POST", "/", headers={**signed(service, region), **headers}, body=json.dumps(body).encode())


def signed(service: str, region: str) -> dict[str, str]:
    """Headers that say whom a request is for; nobody checks the signature on the way inside."""
    scope = (
        f"AWS4-HMAC-SHA256 Credential=sandbox/20310101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
    return {"authorization": scope, "host": "127.0.0.1"}


def parts(arn: str) -> tuple[str, str, str]:
    """Service, Region and the rest of an ARN."""
    _, _, service, region, _, name = arn.split(":", 5)
    return service, region, name
