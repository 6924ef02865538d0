import logging
import sys

logger = logging.getLogger("shop")


def handler(event, context):
    print("printed", 1, end="!\n")
    print("to err", file=sys.stderr)
    for level in (5, 10, 20, 25, 30, 40, 50, 60):
        logger.log(level, "level %d", level)
    logger.error("Zoë\nsecond line", extra={"order": 7, "who": ["Ada"], "odd": {1}})
    logger.error({"message": "an object", "n": 1})
    logger.error("%s and %s", 1, {"two": 2})
    try:
        raise KeyError("missing")
    except KeyError:
        logger.exception("caught")
    logging.basicConfig(level=logging.DEBUG)
    root = logging.getLogger()
    return [root.level, len(root.handlers), type(root.handlers[0]).__bases__[0].__name__]
