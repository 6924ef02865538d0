import boto3
from boto3.dynamodb.conditions import Attr, Key

orders = boto3.resource("dynamodb").Table("orders")


def lambda_handler(event, context):
    """Tells how many orders and cups event["customer"] has at event["now"]."""
    found = list(all_orders(event["customer"], event["now"]))
    return {"orders": len(found), "cups": int(sum(order["cups"] for order in found))}


def all_orders(customer, now):
    """Yields a customer's orders that have not expired, page by page."""
    lasting = Attr("expires_at").not_exists() | Attr("expires_at").gt(now)
    query = {"KeyConditionExpression": Key("customer").eq(customer), "FilterExpression": lasting}
    page = orders.query(**query)
    yield from page["Items"]
    while "LastEvaluatedKey" in page:  # also after a page of which the filter left nothing
        page = orders.query(**query, ExclusiveStartKey=page["LastEvaluatedKey"])
        yield from page["Items"]
