import logging

root = logging.getLogger()
root.setLevel("INFO")
root.handlers[0].setFormatter(logging.Formatter("%(levelname)s %(aws_request_id)s %(message)s"))


def handler(event, context):
    logging.info("mine")
