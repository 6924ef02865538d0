# fails task 1: orders.few
import boto3
from boto3.dynamodb.conditions import Key

orders = boto3.resource("dynamodb").Table("orders")


def lambda_handler(event, context):
    page = orders.query(KeyConditionExpression=Key("customer").eq(event["customer"]))
    return {"orders": page["Count"], "cups": page["Count"]}
