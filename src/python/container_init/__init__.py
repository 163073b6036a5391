"""The first process of a container: starts interpreters, and carries what they and the host say to each other.

Everything crosses two streams, the container's standard input and output, in pieces: a kind (1 byte), whose it is (4 bytes,
big-endian), a length (4 bytes, big-endian), and as many bytes. ``link/envelope.ts`` is the other end.
"""
