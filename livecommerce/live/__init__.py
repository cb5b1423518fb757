"""One live session on the hub: room, chat, pins, presence, counters, and what its people may do."""
