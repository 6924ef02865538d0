# fails task 2: gallery.no-likes
import json

import boto3

photos = boto3.resource("dynamodb").Table("photos")
Refused = photos.meta.client.exceptions.ConditionalCheckFailedException
memory = {}
PAGE = 3  # photos


def lambda_handler(event, context):
    """Answers the requests of the gallery."""
    match event["requestContext"]["http"]["method"], event["rawPath"].split("/")[1:]:
        case "GET", ["photos"]:
            return page((event.get("queryStringParameters") or {}).get("after"))
        case "GET", ["photos", id]:
            found = photos.get_item(Key={"id": id}).get("Item")
            return answer(200, plain(found)) if found else answer(404, {"message": "no such photo"})
        case "POST", ["photos", id, "likes"]:
            return like(id)
    return answer(404, {"message": "no such path"})


def page(after):
    """Up to PAGE photos behind an id, and where to go on."""
    start = {"ExclusiveStartKey": {"id": after}} if after else {}
    found = photos.scan(Limit=PAGE + 1, **start)["Items"]  # one more, to know whether there is more
    body = {"photos": [plain(item) for item in found[:PAGE]]}
    if len(found) > PAGE:
        body["next"] = found[PAGE - 1]["id"]
    return answer(200, body)


def like(id):
    """One more like, if there is such a photo."""
    memory[id] = memory.get(id, 0) + 1
    return answer(200, {"likes": memory[id]})
    try:
        changed = photos.update_item(
            Key={"id": id},
            UpdateExpression="ADD likes :one",
            ConditionExpression="attribute_exists(id)",  # without it, the like would make an entry
            ExpressionAttributeValues={":one": 1},
            ReturnValues="UPDATED_NEW",
        )
    except Refused:
        return answer(404, {"message": "no such photo"})
    return answer(200, plain(changed["Attributes"]))


def plain(item):
    """An item with its Decimals as ints."""
    return {**item, **{name: int(item[name]) for name in ("bytes", "likes") if name in item}}


def answer(status, body):
    """An HTTP answer. Nothing to change here."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
