"""The checks of 04/tight_fit: the function of the README runs with the role; then the role tries what it should not."""

import json

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox.workbook.checks import require, task

BILL = """
import json, os
import boto3

orders = boto3.resource("dynamodb").Table(os.environ["TABLE"])
s3, bucket = boto3.client("s3"), os.environ["BUCKET"]

def lambda_handler(event, context):
    order = orders.get_item(Key={"id": event["id"]})["Item"]
    prices = json.load(s3.get_object(Bucket=bucket, Key="prices.json")["Body"])
    bill = f"{order['cups']} cups of {order['tea']}: {prices[order['tea']] * int(order['cups'])}"
    s3.put_object(Bucket=bucket, Key=f"bills/{event['id']}.txt", Body=bill)
    print("billed", event["id"])
    return bill
"""
DENIED = ("AccessDenied", "AccessDeniedException")


class Shop:
    """Tables, buckets, and a role that holds the learner's policy; `names` is the event that was asked for."""

    def __init__(self, function, sandbox, role, rng):
        self.sandbox, self.role, number = sandbox, role, rng.randrange(100, 1000)
        self.names = {"function": f"bill-{number}", "table": f"orders-{number}", "bucket": f"shop-{number}"}
        self.names |= {"region": "us-east-1", "account": "123456789012"}
        dynamodb, s3 = sandbox.client("dynamodb"), sandbox.client("s3")
        for table in (self.names["table"], self.names["table"] + "-old"):
            dynamodb.create_table(
                TableName=table,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
            order = {"id": {"S": "o-7"}, "tea": {"S": "mint"}, "cups": {"N": "3"}}
            dynamodb.put_item(TableName=table, Item=order)
        for bucket in (self.names["bucket"], self.names["bucket"] + "-old"):
            s3.create_bucket(Bucket=bucket)
            s3.put_object(Bucket=bucket, Key="prices.json", Body=b'{"mint": 4}')
            s3.put_object(Bucket=bucket, Key="bills/o-1.txt", Body=b"a bill")
        policy = function.invoke(self.names)
        try:
            role.holds(policy)
        except ClientError as error:
            reason = error.response["Error"]["Message"]
            require(False, says="fit.refused", expected="a policy document", got=policy, reason=reason)

    def bill(self):
        """Runs the function with the role; its result, or the sentence with which it was refused."""
        environment = {"Variables": {"TABLE": self.names["table"], "BUCKET": self.names["bucket"]}}
        self.sandbox.deploy(BILL, name=self.names["function"], Role=self.role.arn, Timeout=30, Environment=environment)
        invoke = self.sandbox.client("lambda").invoke
        answer = json.load(invoke(FunctionName=self.names["function"], Payload=b'{"id": "o-7"}')["Payload"])
        return answer["errorMessage"] if isinstance(answer, dict) else answer

    def keeps_out(self, says, service, operation, **arguments):
        """The role must be refused."""
        try:
            getattr(self.role.client(service), operation)(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] in DENIED:
                return
        what = f"{service} {operation} {' '.join(str(one) for one in arguments.values())}"
        require(False, says=says, expected=f"AccessDenied for {what}", got="the role may do this")


@pytest.fixture
def shop(function, sandbox, role, rng):
    return Shop(function, sandbox, role, rng)


@task(1)
def test_lets_the_function_work(shop):
    said = shop.bill()
    require(said == "3 cups of mint: 12", says="fit.too-tight", expected="3 cups of mint: 12", got=said)


@task(2)
def test_lets_the_function_write_its_log(shop):
    shop.bill()
    names = [group["logGroupName"] for group in shop.sandbox.client("logs").describe_log_groups()["logGroups"]]
    refused = shop.sandbox.journal(kind="delivery.refused", function=shop.names["function"])
    reason = refused[0].data["because"] if refused else ""
    wanted = f"/aws/lambda/{shop.names['function']}"
    require(wanted in names and not refused, says="fit.no-log", expected=wanted, got=names, reason=reason)


@task(3)
def test_keeps_to_its_own_table_and_objects(shop):
    key, table, bucket = {"id": {"S": "o-7"}}, shop.names["table"], shop.names["bucket"]
    shop.keeps_out("fit.other-tables", "dynamodb", "get_item", TableName=f"{table}-old", Key=key)
    shop.keeps_out("fit.changes-prices", "s3", "put_object", Bucket=bucket, Key="prices.json")
    shop.keeps_out("fit.reads-bills", "s3", "get_object", Bucket=bucket, Key="bills/o-1.txt")
    shop.keeps_out("fit.other-buckets", "s3", "get_object", Bucket=f"{bucket}-old", Key="prices.json")
    shop.keeps_out("fit.other-actions", "s3", "delete_object", Bucket=bucket, Key="bills/o-1.txt")
    shop.keeps_out("fit.other-actions", "dynamodb", "scan", TableName=table)


@task(3, hidden=True)
def test_keeps_to_its_own_log_and_to_what_it_does(shop):
    table, bucket, group = shop.names["table"], shop.names["bucket"], f"/aws/lambda/{shop.names['function']}"
    shop.keeps_out("fit.others-logs", "logs", "create_log_group", logGroupName="/aws/lambda/payroll")
    shop.keeps_out("fit.others-logs", "logs", "create_log_stream", logGroupName=f"{group}-old", logStreamName="s")
    shop.keeps_out("fit.other-actions", "logs", "delete_log_group", logGroupName=group)
    shop.keeps_out("fit.other-actions", "s3", "list_objects_v2", Bucket=bucket)
    shop.keeps_out("fit.other-actions", "s3", "put_object_acl", Bucket=bucket, Key="bills/o-1.txt", ACL="public-read")
    shop.keeps_out("fit.other-actions", "dynamodb", "put_item", TableName=table, Item={"id": {"S": "o-8"}})
    shop.keeps_out("fit.other-actions", "iam", "list_roles")
    shop.keeps_out("fit.other-actions", "lambda", "invoke", FunctionName=shop.names["function"])
