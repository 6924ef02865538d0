# fails task 1: replay.another-prize
import random


class Waiting(Exception):
    """This run ends here; another one begins from the top, later."""


class Run:
    """What a durable function is given: steps that are done once, and waits that cost nothing."""

    def __init__(self, done):
        self.done = done

    def step(self, name, work):
        """What `work` gave the first time; later runs get that, and do no work."""
        if name not in self.done:
            self.done[name] = work()
        return self.done[name]

    def wait(self, name):
        """The night passes here, once."""
        if name not in self.done:
            self.done[name] = True
            raise Waiting


def letter(guest, prize):
    print(f"LETTER to {guest}: prize {prize}")
    return True


def raffle(run, guests):
    """Draws a guest and a prize, waits for the morning, tells the guest."""
    prize = random.randint(1, 10_000)
    winner = run.step("draw", lambda: random.choice(guests))
    run.step("letter", lambda: letter(winner, prize))
    run.wait("night")
    return f"{winner} told of prize {prize}"


def lambda_handler(event, context):
    run = Run(dict(event["done"]))
    try:
        return {"result": raffle(run, event["guests"]), "done": run.done}
    except Waiting:
        return {"waiting": True, "done": run.done}
