import time


def load_book():
    """Stands for reading a large file. Nothing to change here."""
    time.sleep(0.5)
    return {"green": 80, "black": 100, "white": 75, "oolong": 90}


def lambda_handler(event, context):
    """Answers {"degrees": ..., "cold": ..., "loading_ms": ...} for {"tea": "green"}. About 7 lines, not all in here."""
    # task 1: every call pays for this line
    book = load_book()

    # task 2: measure how long the loading took, and tell the first call of an environment from the others
    return {"degrees": book[event["tea"]], "cold": None, "loading_ms": None}
