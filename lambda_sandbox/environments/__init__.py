"""Execution environments: the pool, one environment's life, its Runtime API, its limits, packages on disk.

Knows functions and processes; knows nothing of HTTP APIs, services or moto.
"""
