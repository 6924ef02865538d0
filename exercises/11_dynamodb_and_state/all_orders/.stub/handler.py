import boto3
from boto3.dynamodb.conditions import Key

orders = boto3.resource("dynamodb").Table("orders")


def lambda_handler(event, context):
    """Tells how many orders and cups event["customer"] has at event["now"]. About 12 lines for both tasks."""
    found = list(all_orders(event["customer"]))
    # task 2: leave out what has expired
    return {"orders": len(found), "cups": int(sum(order["cups"] for order in found))}


def all_orders(customer):
    """Yields a customer's orders, page by page."""
    page = orders.query(KeyConditionExpression=Key("customer").eq(customer))
    yield from page["Items"]
    raise NotImplementedError("task 1: read every page")
