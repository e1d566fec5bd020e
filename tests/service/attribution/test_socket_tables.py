"""The kernel's lists of sockets."""

import os
import socket
import sys
from contextlib import closing
from ipaddress import ip_address

import pytest

from perfgate.service.attribution.holders import holders_of, sockets_of
from perfgate.service.attribution.socket_tables import SocketTables, TcpSocket, _tcp_by_text, parse_tcp_line

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the lists are those of Linux")


def test_a_line_for_people_is_read():
    line = "   0: 0100007F:1F90 0200000A:1538 01 00000000:00000000 00:00000000 00000000  1000 0 12345 1 0 20 4 30 10"
    assert parse_tcp_line(line) == TcpSocket(
        12345, 1000, ip_address("127.0.0.1"), 8080, ip_address("10.0.0.2"), 5432, False
    )
    assert parse_tcp_line(line.replace(" 01 ", " 06 ")) is None
    mapped = line.replace("0100007F", "0000000000000000FFFF00000100007F")
    assert parse_tcp_line(mapped).local == ip_address("127.0.0.1")


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_both_ends_of_a_connection_are_listed_alike_by_either_way(family):
    host = "127.0.0.1" if family == socket.AF_INET else "::1"
    with closing(socket.create_server((host, 0), family=family)) as listener:
        port = listener.getsockname()[1]
        with closing(socket.create_connection((host, port))) as client, closing(listener.accept()[0]) as accepted:
            for listed in (SocketTables().tcp(), SocketTables(os.getpid()).tcp(), _tcp_by_text(None)):
                by_inode = {one.inode: one for one in listed}
                assert by_inode[os.fstat(listener.fileno()).st_ino].listening
                one, other = (by_inode[os.fstat(end.fileno()).st_ino] for end in (client, accepted))
                assert (one.remote_port, other.port) == (port, port)
                assert one.port == other.remote_port
                assert one.local == ip_address(host)


def test_the_ends_of_a_unix_socket_know_each_other(tmp_path):
    path = str(tmp_path / "x.sock")
    with closing(socket.socket(socket.AF_UNIX)) as listener, closing(socket.socket(socket.AF_UNIX)) as client:
        listener.bind(path)
        listener.listen()
        client.connect(path)
        with closing(listener.accept()[0]) as accepted:
            listed = {one.inode: one for one in SocketTables().unix()}
            one, other = (listed[os.fstat(end.fileno()).st_ino] for end in (client, accepted))
            assert (one.peer, other.path) == (other.inode, path)
            assert listed[os.fstat(listener.fileno()).st_ino].listening


def test_the_process_that_holds_a_socket_is_found():
    with closing(socket.socket()) as one:
        inode = os.fstat(one.fileno()).st_ino
        assert inode in sockets_of(os.getpid())
        assert holders_of({inode}, [os.getpid(), 1]) == {os.getpid()}
    assert holders_of(set(), [os.getpid()]) == set()
