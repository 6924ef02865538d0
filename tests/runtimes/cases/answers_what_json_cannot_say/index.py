import datetime


class Thing:
    pass


async def coroutine():
    return 1


CYCLE = {}
CYCLE["self"] = [CYCLE]
SHARED = [1]
VALUES = {
    "set": {1},
    "date": datetime.date(2026, 11, 21),
    "object": [Thing()],
    "generator": (n for n in [1]),
    "bytearray": bytearray(b"x"),
    "complex": 1j,
    "cycle": CYCLE,
    "shared": [SHARED, SHARED],
    "tuple key": {(1, 2): 3},
    "type": Thing,
}


def handler(event, context):
    return coroutine() if event == "coroutine" else VALUES[event]
