# fails task 2: watering.stopped-too-early
import logging
import time

logger = logging.getLogger()
logger.setLevel("INFO")  # the root logger has Lambda's handler already; its level is what keeps records back


def lambda_handler(event, context):
    """Waters the plants in the event, and stops in time: {"watered": [...], "thirsty": [...]}."""
    # read
    plants = event["plants"]

    # act
    watered = []
    for plant in plants:
        if context.get_remaining_time_in_millis() < 1500:  # asked before each plant: none is left half watered
            break
        time.sleep(event["seconds"])  # stands for the watering
        watered.append(plant)
        logger.info("watered the %s", plant)
    thirsty = plants[len(watered) :]
    if thirsty:
        logger.warning("%d plants are still thirsty", len(thirsty))

    # respond
    return {"watered": watered, "thirsty": thirsty}
