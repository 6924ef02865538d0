import time
from pathlib import Path
from tempfile import gettempdir

CACHE = Path(gettempdir(), "weather")  # /tmp/weather


def ask_station(city):
    """Asks a slow weather station. Nothing to change here."""
    print("asking", city)
    time.sleep(60 if city == "Atlantis" else 0.05)
    return {"city": city, "degrees": sum(map(ord, city)) % 41 - 5}


def lambda_handler(event, context):
    """Answers {"city": "Oslo"} with {"city": "Oslo", "degrees": -2}, from a file if there is a good one. About 12 lines."""
    if "damage" in event:  # the checks spoil the files with this; nothing to change here
        for file in CACHE.glob("*"):
            file.write_text(event["damage"])
        return None
    # task 2: take any name; task 3: distrust the file
    raise NotImplementedError("task 1: keep answers in /tmp")
