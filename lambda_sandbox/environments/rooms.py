"""The closest rooms that this machine offers.

rooms = await open_rooms(scratch)       # rooms.about says for people what they are
"""

from __future__ import annotations

import sys
from pathlib import Path

from lambda_sandbox.environments.plain_rooms import PlainRooms
from lambda_sandbox.environments.private_rooms import PrivateRooms
from lambda_sandbox.environments.room import Rooms


async def open_rooms(scratch: Path, *, private: bool | None = None, door: int = 0) -> Rooms:
    """Rooms with a private root where the machine allows it (or insists on it with `private`), else plain ones.

    `door`: private rooms get, where that is allowed too, a network that holds their Runtime API and this port only.
    """
    if sys.platform == "linux" and private is not False:
        rooms = PrivateRooms(scratch, door)
        refusal = await rooms.start()
        if refusal is None:
            return rooms
        await rooms.close()
        if private:
            raise OSError(f"this machine makes no private rooms: {refusal}")
        return PlainRooms(scratch, because=refusal)
    return PlainRooms(scratch, because=f"{sys.platform} has no user namespaces")
