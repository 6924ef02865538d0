# fails task 1: room.killed
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
    """Answers {"cups": ..., "left": ...} for {"pages": 3, "tea": "mint"}."""
    with tempfile.TemporaryFile("w+") as file:  # gone at the end of the block, whatever happens in it
        file.writelines(pages(event["pages"]))  # one page at a time
        file.seek(0)
        cups = sum(line.count(event["tea"]) for line in file.readlines())  # one line at a time
    return {"cups": cups, "left": left()}
