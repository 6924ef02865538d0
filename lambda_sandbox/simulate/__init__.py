"""Lambda beyond this laptop: a day at 1,000 requests a second, in seconds, by the rules that the sandbox itself keeps.

    simulate(Function(poisson(1000), duration=0.2, init=0.4, memory_mb=512), seconds=86_400)

A model of arrivals, environments and admission: no code runs. What may run is decided by the running sandbox's own
`Admission`, asked at the model's times; prices come from the facts file. The result says how it was counted.
"""

from lambda_sandbox.simulate.model import Function, constant, exponential, poisson
from lambda_sandbox.simulate.result import Simulation
from lambda_sandbox.simulate.run import simulate
from lambda_sandbox.views.staircase import Row

__all__ = ["Function", "Row", "Simulation", "constant", "exponential", "poisson", "simulate"]
