"""AWS's tutorial "Using Lambda with Kinesis Data Streams": a function that logs what an application puts on a stream.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-example.html, with unmodified boto3.
"""

from __future__ import annotations

import json

from lambda_sandbox import Sandbox

HANDLER = """
import base64

def lambda_handler(event, context):
    for record in event["Records"]:
        print(f"Processed Kinesis Event - EventID: {record['eventID']}")
        record_data = base64.b64decode(record["kinesis"]["data"]).decode("utf-8")
        print(f"Record Data: {record_data}")
    print(f"Successfully processed {len(event['Records'])} records.")
"""
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def test_a_function_logs_what_is_put_on_a_stream() -> None:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        iam, kinesis, lambda_ = (sandbox.client(name) for name in ("iam", "kinesis", "lambda"))
        document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        role = iam.create_role(RoleName="lambda-kinesis-role", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole"
        iam.attach_role_policy(RoleName="lambda-kinesis-role", PolicyArn=policy)
        function = sandbox.deploy(
            HANDLER, name="ProcessKinesisRecords", Role=role, Handler="lambda_function.lambda_handler"
        )

        kinesis.create_stream(StreamName="lambda-stream", ShardCount=1)
        stream = kinesis.describe_stream(StreamName="lambda-stream")["StreamDescription"]["StreamARN"]
        lambda_.create_event_source_mapping(
            FunctionName=function.name, EventSourceArn=stream, BatchSize=100, StartingPosition="LATEST"
        )
        sandbox.settle()
        listed = lambda_.list_event_source_mappings(FunctionName=function.name, EventSourceArn=stream)
        [mapping] = listed["EventSourceMappings"]
        assert (mapping["State"], mapping["LastProcessingResult"]) == ("Enabled", "No records processed")

        for _ in range(2):
            kinesis.put_record(StreamName="lambda-stream", PartitionKey="1", Data="Hello, this is a test.")
        sandbox.settle()
        logged = sandbox.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{function.name}")["events"]
        said = [event["message"].strip() for event in logged]
        assert said.count("Record Data: Hello, this is a test.") == 2
        assert any(line.startswith("Processed Kinesis Event - EventID: shardId-000000000000:4959") for line in said)
        assert lambda_.get_event_source_mapping(UUID=mapping["UUID"])["LastProcessingResult"] == "OK"

        kinesis.delete_stream(StreamName="lambda-stream")
        lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
        sandbox.settle()
        assert lambda_.list_event_source_mappings()["EventSourceMappings"] == []
