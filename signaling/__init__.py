"""The Socket.IO hub: event contract, gateway, lanes, limits. Knows nothing of shops or storage."""
