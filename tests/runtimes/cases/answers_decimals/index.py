from decimal import Decimal


class Price(Decimal):
    pass


def handler(event, context):
    return [Decimal(text) for text in ("1.50", "1E+3", "-0", "NaN", "-NaN", "Infinity", "-Infinity")] + [Price("2.0")]
