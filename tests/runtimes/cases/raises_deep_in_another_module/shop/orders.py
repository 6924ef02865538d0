def total(order):
    return sum(line_total(line) for line in order["lines"])


def line_total(line):
    return line["price"] * line["quantity"]
