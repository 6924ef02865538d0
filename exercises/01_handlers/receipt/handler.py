from datetime import UTC, datetime


def lambda_handler(event, context):
    """Answers with the names, the time and the total of a receipt. Three things to mend."""
    items = event["items"]

    # task 1: JSON has no sets, and a set has no order
    names = {item["name"] for item in items}

    # task 2: JSON has no times
    paid_at = datetime.fromtimestamp(event["paid_at"], UTC)

    # task 3: 0.1 + 0.2 is not 0.3
    total = sum(float(item["price"]) for item in items)

    return {"names": names, "paid_at": paid_at, "total": total}
