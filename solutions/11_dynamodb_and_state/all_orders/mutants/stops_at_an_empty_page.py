# fails task 2: orders.stops-early
import boto3
from boto3.dynamodb.conditions import Attr, Key

orders = boto3.resource("dynamodb").Table("orders")


def lambda_handler(event, context):
    lasting = Attr("expires_at").not_exists() | Attr("expires_at").gt(event["now"])
    query = {"KeyConditionExpression": Key("customer").eq(event["customer"]), "FilterExpression": lasting}
    page = orders.query(**query)
    found = page["Items"]
    while page["Items"] and "LastEvaluatedKey" in page:
        page = orders.query(**query, ExclusiveStartKey=page["LastEvaluatedKey"])
        found += page["Items"]
    return {"orders": len(found), "cups": int(sum(order["cups"] for order in found))}
