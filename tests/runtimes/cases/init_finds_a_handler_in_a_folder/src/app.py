from src import helper


def handler(event, context):
    return [__name__, helper.NAME]
