# fails task 1: receipt.json-in-json
import json
from datetime import UTC, datetime
from decimal import Decimal


def lambda_handler(event, context):
    """Answers with the names, the time and the total of a receipt."""
    items = event["items"]

    # task 1: a set for "once", `sorted` for the order and for the list
    names = sorted({item["name"] for item in items})

    # task 2: an agreed text in place of a type that JSON does not have
    paid_at = datetime.fromtimestamp(event["paid_at"], UTC).isoformat()

    # task 3: from the text, not from a float; Lambda writes a Decimal as a number
    total = sum(Decimal(item["price"]) for item in items)

    return json.dumps({"names": names, "paid_at": paid_at, "total": float(total)})
