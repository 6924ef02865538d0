"""AWS's tutorial "Using Lambda with API Gateway": a function that does to a table what an HTTP request says.

https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-tutorial.html, with unmodified boto3.
"""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from lambda_sandbox import Sandbox

HANDLER = """
import boto3

def handler(event, context):
    table = boto3.resource("dynamodb").Table(event["tableName"])
    done = {"create": lambda: table.put_item(**event["payload"]), "read": lambda: table.get_item(**event["payload"])}
    if event["operation"] == "echo":
        return event["payload"]
    return done[event["operation"]]().get("Item", "done")
"""


def test_a_table_behind_a_rest_api() -> None:
    with Sandbox(seed=1) as sandbox:
        sandbox.client("dynamodb").create_table(
            TableName="lambda-apigateway",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        function = sandbox.deploy(HANDLER, name="LambdaFunctionOverHttps", Timeout=20)
        gateway = sandbox.client("apigateway")
        api = gateway.create_rest_api(name="DynamoDBOperations")
        part = gateway.create_resource(restApiId=api["id"], parentId=api["rootResourceId"], pathPart="DynamoDBManager")
        method = {"restApiId": api["id"], "resourceId": part["id"], "httpMethod": "POST"}
        gateway.put_method(**method, authorizationType="NONE")
        uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function.arn}/invocations"
        gateway.put_integration(**method, type="AWS", integrationHttpMethod="POST", uri=uri)
        gateway.put_method_response(**method, statusCode="200", responseModels={"application/json": "Empty"})
        gateway.put_integration_response(**method, statusCode="200", responseTemplates={"application/json": ""})
        gateway.create_deployment(restApiId=api["id"], stageName="prod")
        sandbox.client("lambda").add_permission(
            FunctionName=function.name,
            StatementId="apigateway-prod",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:us-east-1:123456789012:{api['id']}/prod/POST/DynamoDBManager",
        )

        def ask(**what: Any) -> Any:
            url = f"{sandbox.endpoint_url}/restapis/{api['id']}/prod/_user_request_/DynamoDBManager"
            sent = urllib.request.Request(url, json.dumps(what).encode(), {"Content-Type": "application/json"})
            with urllib.request.urlopen(sent, timeout=20) as answer:
                return json.load(answer)

        assert ask(operation="echo", payload={"a": 1}, tableName="lambda-apigateway") == {"a": 1}
        bob = {"id": "1234ABCD", "name": "Bob"}
        assert ask(operation="create", tableName="lambda-apigateway", payload={"Item": bob}) == "done"
        assert ask(operation="read", tableName="lambda-apigateway", payload={"Key": {"id": "1234ABCD"}}) == bob
