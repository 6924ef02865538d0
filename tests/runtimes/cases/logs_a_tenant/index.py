import logging


def handler(event, context):
    logging.warning("for a tenant")
