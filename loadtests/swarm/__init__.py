"""The viewer swarm: ten thousand browsers' sockets of one process. `python -m loadtests.swarm`"""
