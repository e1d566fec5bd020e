"""The wire: one exchange of HTTP, from the values that a session gives to bytes on a socket, and back.

interface (the values that cross this border, and the protocol behind which transports stand) -> http_wire (which of
http1 and http2 a connection speaks; answer_parser and seen_heads read answers of the first, http2_answers those of the
second, http2_headers and http2_frames are its bytes; streamed hands answers out in pieces) -> connector (resolver,
proxy, tls) -> stream (bytes, the kernel's clock). failure: the kinds of error, mapped at one place.

Others may take: interface, failure, and what makes a wire: http_wire, connector and stream.Deadlines.
"""
