import os
import tempfile

TEAS = ["assam", "black", "chai", "green", "mint"]


def pages(count):
    """Stands for a download: a ledger, page by page, of about a megabyte each. Nothing to change here."""
    for number in range(count):
        line = " ".join(TEAS[: number % len(TEAS) + 1] * 40) + "\n"
        yield line * (1_000_000 // len(line))


def left():
    """The bytes of all files that lie in /tmp. Nothing to change here."""
    return sum(file.stat().st_size for file in os.scandir(tempfile.gettempdir()) if file.is_file())


def lambda_handler(event, context):
    """Answers {"cups": ..., "left": ...} for {"pages": 3, "tea": "mint"}. About 6 lines."""
    path = f"{tempfile.gettempdir()}/{context.aws_request_id}"

    # task 1: how much of the ledger is in the memory at the same time?
    ledger = "".join(pages(event["pages"]))
    with open(path, "w") as file:
        file.write(ledger)
    with open(path) as file:
        cups = file.read().count(event["tea"])

    # task 2: and who removes the file?
    return {"cups": cups, "left": left()}
