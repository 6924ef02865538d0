# 0 of 3 points, crash
import os


def lambda_handler(event, context):
    os._exit(0)
