import socket

import pytest

from livecommerce import listening
from livecommerce.listening import listening_socket, sharing

HOST = "127.0.0.1"


def test_a_port_is_nobody_elses() -> None:
    with listening_socket(HOST, 0) as first:
        with pytest.raises(OSError, match="in use"):
            listening_socket(HOST, first.getsockname()[1])
        assert not listening.is_free(HOST, first.getsockname()[1], socket.SOCK_STREAM)


def test_a_shared_port_is_nobody_elses_either() -> None:
    first = listening_socket(HOST, 0, is_shared=True)
    with first, pytest.raises(OSError, match="in use"):
        listening_socket(HOST, first.getsockname()[1], is_shared=True)


def test_what_connects_to_a_shared_port_is_spread_over_all_its_sockets() -> None:
    slots = sharing(listening_socket(HOST, 0, is_shared=True), 3)
    clients = [socket.create_connection(slots[0].getsockname()) for _ in range(200)]
    for slot in slots:
        slot.settimeout(20)
        slot.accept()[0].close()
    for each in (*clients, *slots):
        each.close()


def test_a_slot_that_is_shut_leaves_its_part_to_the_others_and_comes_back() -> None:
    # On a port that is asked for by number, as every served one is: the kernel takes one of its
    # own choice back when its socket is shut.
    with listening_socket(HOST, 0) as probe:
        address = probe.getsockname()
    first, second = sharing(listening_socket(*address, is_shared=True), 2)
    second.shutdown(socket.SHUT_RDWR)
    clients = [socket.create_connection(address) for _ in range(50)]
    for slot in (first, second):
        slot.settimeout(20)
    for _ in range(50):
        first.accept()[0].close()
    second.listen(listening.BACKLOG)
    clients += [socket.create_connection(address) for _ in range(100)]
    second.accept()[0].close()
    for each in (*clients, first, second):
        each.close()
