# fails task 2: cache.no-folder
import hashlib
import json
import time
from pathlib import Path
from tempfile import gettempdir

CACHE = Path(gettempdir(), "weather")  # /tmp/weather


def ask_station(city):
    """Asks a slow weather station. Nothing to change here."""
    print("asking", city)
    time.sleep(60 if city == "Atlantis" else 0.05)
    return {"city": city, "degrees": sum(map(ord, city)) % 41 - 5}


def file_of(city):
    """A safe file name for any city: a hash has no slashes, and always the same length."""
    return CACHE / f"{city}.json"


def remembered(city):
    """The answer in the file, if it is one; else None."""
    try:
        answer = json.loads(file_of(city).read_text())
    except (FileNotFoundError, ValueError):  # not asked yet, or not written to the end
        return None
    return answer if isinstance(answer, dict) and answer.get("city") == city else None


def lambda_handler(event, context):
    """Answers {"city": "Oslo"} with {"city": "Oslo", "degrees": -2}, from a file if there is a good one."""
    if "damage" in event:  # the checks spoil the files with this; nothing to change here
        for file in CACHE.glob("*"):
            file.write_text(event["damage"])
        return None
    city = event["city"]
    answer = remembered(city)
    if answer is None:
        answer = ask_station(city)
        CACHE.mkdir(parents=True, exist_ok=True)  # a new environment has an empty /tmp
        file_of(city).write_text(json.dumps(answer))
    return answer
