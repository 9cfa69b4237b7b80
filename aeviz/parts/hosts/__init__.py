"""Where parts live: a host mounts a part, hands it its data and hears of its events. A part never knows which."""
