# fails task 1: orders.somebody-elses
import boto3

orders = boto3.resource("dynamodb").Table("orders")


def lambda_handler(event, context):
    found, page = [], {"LastEvaluatedKey": None}
    while "LastEvaluatedKey" in page:
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]} if page["LastEvaluatedKey"] else {}
        page = orders.scan(**start)
        found += page["Items"]
    return {"orders": len(found), "cups": int(sum(order["cups"] for order in found))}
