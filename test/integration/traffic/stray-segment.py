"""
Sends a copy of a TCP segment again whose sequence number is far outside of its connection's window, as a network card
or a middlebox that loses count might: connection tracking takes it for no part of the connection.

  nsenter --net=SPACE python3 stray-segment.py INTERFACE PEER PORT FIELD

FIELD: `dport` where PORT is the peer's, `sport` where it is the sender's own. Prints `sent`.
"""
import socket
import struct
import sys

interface, peer, port, field = sys.argv[1], socket.inet_aton(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
link.bind((interface, 0))
link.settimeout(5)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


while True:
    frame = link.recv(65535)
    packet = frame[14:]
    if frame[12:14] != b"\x08\x00" or packet[9] != 6 or packet[16:20] != peer:
        continue
    head = (packet[0] & 15) * 4
    segment = bytearray(packet[head : struct.unpack("!H", packet[2:4])[0]])
    sport, dport, sequence = struct.unpack("!HHI", segment[:8])
    if (dport if field == "dport" else sport) != port or segment[13] & 7:
        continue
    segment[4:8] = struct.pack("!I", (sequence + (1 << 30)) % (1 << 32))
    segment[16:18] = b"\0\0"
    padded = bytes(segment) + b"\0" * (len(segment) % 2)
    pseudo = packet[12:20] + struct.pack("!HH", 6, len(segment))
    segment[16:18] = struct.pack("!H", checksum(pseudo + padded))
    link.send(frame[:14] + packet[:head] + bytes(segment))
    print("sent")
    break
