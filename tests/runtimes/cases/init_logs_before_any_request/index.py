import logging

print("printed")
logging.warning("logged")


def handler(event, context):
    logging.warning("in the handler")
