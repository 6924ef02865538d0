# fails task 2: orders.off-by-one
import boto3
from boto3.dynamodb.conditions import Key

orders = boto3.resource("dynamodb").Table("orders")


def lambda_handler(event, context):
    found = [order for order in all_orders(event["customer"]) if order.get("expires_at", event["now"]) >= event["now"]]
    return {"orders": len(found), "cups": int(sum(order["cups"] for order in found))}


def all_orders(customer):
    query = {"KeyConditionExpression": Key("customer").eq(customer)}
    page = orders.query(**query)
    yield from page["Items"]
    while "LastEvaluatedKey" in page:
        page = orders.query(**query, ExclusiveStartKey=page["LastEvaluatedKey"])
        yield from page["Items"]
