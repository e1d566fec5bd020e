"""Load: from a scenario and a URL to rounds of measurements.

pacer (when work is due, pure) -> executor (VUs as greenlets) -> user (what a scenario function is given) -> session
(the short way, and by manners requests itself: redirects, cookies, encodings) -> wire (a room of its own: bytes and the
kernel's clock). A worker process holds all of these; engine starts the workers and merges what they counted; health
judges the generator itself; runner plays warm-ups, rounds and pairs. Other engines stand beside ours, each in a room of
its own: k6, locustfile, and machines for our scenarios elsewhere; engines has each scenario played by its own.
"""
