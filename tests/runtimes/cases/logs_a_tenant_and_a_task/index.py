import asyncio
import logging


async def work():
    logging.warning("in a task")


def handler(event, context):
    asyncio.run(work())
