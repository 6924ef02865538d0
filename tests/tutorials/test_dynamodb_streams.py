"""AWS's tutorial "Using AWS Lambda with Amazon DynamoDB streams": a function that logs the changes of a table.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-example.html, with unmodified boto3.
"""

from __future__ import annotations

import json

from lambda_sandbox import Sandbox

HANDLER = """
import json

def lambda_handler(event, context):
    for record in event["Records"]:
        print(record["eventID"])
        print(record["eventName"])
        print(f"DynamoDB Record: {json.dumps(record['dynamodb'])}")
"""
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def test_a_function_logs_the_changes_of_a_table() -> None:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        iam, dynamodb, lambda_ = (sandbox.client(name) for name in ("iam", "dynamodb", "lambda"))
        document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        role = iam.create_role(RoleName="lambda-dynamodb-role", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole"
        iam.attach_role_policy(RoleName="lambda-dynamodb-role", PolicyArn=policy)
        function = sandbox.deploy(
            HANDLER, name="ProcessDynamoDBRecords", Role=role, Handler="lambda_function.lambda_handler"
        )

        dynamodb.create_table(
            TableName="lambda-dynamodb-stream",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        keys_only = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
        dynamodb.update_table(TableName="lambda-dynamodb-stream", StreamSpecification=keys_only)
        stream = dynamodb.describe_table(TableName="lambda-dynamodb-stream")["Table"]["LatestStreamArn"]
        lambda_.create_event_source_mapping(
            FunctionName=function.name, EventSourceArn=stream, BatchSize=100, StartingPosition="LATEST"
        )
        sandbox.settle()
        [mapping] = lambda_.list_event_source_mappings(FunctionName=function.name)["EventSourceMappings"]
        assert (mapping["State"], mapping["LastProcessingResult"]) == ("Enabled", "No records processed")

        table = {"TableName": "lambda-dynamodb-stream"}
        dynamodb.put_item(**table, Item={"id": {"S": "1"}, "n": {"N": "1"}})
        dynamodb.update_item(
            **table,
            Key={"id": {"S": "1"}},
            UpdateExpression="SET n = :n",
            ExpressionAttributeValues={":n": {"N": "2"}},
        )
        dynamodb.delete_item(**table, Key={"id": {"S": "1"}})
        sandbox.settle()
        logged = sandbox.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{function.name}")["events"]
        said = [event["message"].strip() for event in logged]
        assert [line for line in said if line in ("INSERT", "MODIFY", "REMOVE")] == ["INSERT", "MODIFY", "REMOVE"]
        changes = [json.loads(line.partition(": ")[2]) for line in said if line.startswith("DynamoDB Record")]
        assert [change["Keys"] for change in changes] == [{"id": {"S": "1"}}] * 3
        assert all(not change.keys() & {"NewImage", "OldImage"} for change in changes)
        assert lambda_.get_event_source_mapping(UUID=mapping["UUID"])["LastProcessingResult"] == "OK"
