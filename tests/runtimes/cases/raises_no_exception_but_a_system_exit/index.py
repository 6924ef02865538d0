import sys


def handler(event, context):
    print("going")
    sys.exit(event)
