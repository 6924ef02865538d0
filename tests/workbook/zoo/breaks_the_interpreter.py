# 0 of 3 points, crash
import ctypes


def lambda_handler(event, context):
    ctypes.string_at(0)
