import logging
import time

logger = logging.getLogger()
# task 1: one line is missing here


def lambda_handler(event, context):
    """Waters the plants in the event, and stops in time: {"watered": [...], "thirsty": [...]}. About 5 more lines."""
    # read
    plants = event["plants"]

    # act
    watered = []
    for plant in plants:
        # task 2: stop here if less than half a second is left
        time.sleep(event["seconds"])  # stands for the watering
        watered.append(plant)
        logger.info("watered the %s", plant)
    thirsty = plants[len(watered) :]
    # task 2: if there are thirsty plants, warn how many

    # respond
    return {"watered": watered, "thirsty": thirsty}
