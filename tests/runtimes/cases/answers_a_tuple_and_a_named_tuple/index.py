from collections import namedtuple
from typing import NamedTuple

Point = namedtuple("Point", "x y")


class Person(NamedTuple):
    name: str
    at: Point


def handler(event, context):
    return [(1, 2), Point(1, 2), {"who": Person("Ada", Point(3, 4))}, ()]
