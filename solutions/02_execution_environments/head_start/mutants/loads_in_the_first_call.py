# fails task 1: head.loads-in-the-first-call
import time


def load_book():
    """Stands for reading a large file. Nothing to change here."""
    time.sleep(0.5)
    return {"green": 80, "black": 100, "white": 75, "oolong": 90}


# at Init: once for each environment
started = time.perf_counter()
BOOK = {}
LOADING_MS = (time.perf_counter() - started) * 1000
cold = True  # nobody has called yet


def lambda_handler(event, context):
    """Answers {"degrees": ..., "cold": ..., "loading_ms": ...} for {"tea": "green"}."""
    global cold
    first, cold = cold, False
    if not BOOK:
        BOOK.update(load_book())
    return {"degrees": BOOK[event["tea"]], "cold": first, "loading_ms": round(LOADING_MS, 1)}
