from decimal import Decimal


def handler(event, context):
    return Decimal("3.10")
