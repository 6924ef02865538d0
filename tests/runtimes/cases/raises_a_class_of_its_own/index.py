class OutOfStock(Exception):
    def __init__(self, article, left):
        super().__init__(article, left)


def handler(event, context):
    raise OutOfStock("tea", 0)
