import json
import logging
import os

logger = logging.getLogger()
logger.setLevel(os.environ.get("LOG_LEVEL", "INFO"))


def handler(event, context):
    logger.info("event", extra={"records": len(event.get("Records", []))})
    if event.get("fail"):
        raise ValueError("told to")
    bad = [record["messageId"] for record in event.get("Records", []) if "bad" in json.loads(record["body"])]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in bad]}
