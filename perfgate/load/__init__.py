"""Load: from a scenario and a URL to rounds of measurements.

pacer (when work is due, pure) -> executor (VUs as greenlets) -> user (what a scenario function is given) -> session
(requests' manners: redirects, cookies, encodings) -> wire (HTTP/1.1) -> stream (bytes, kernel clock). A worker process
holds all of these; engine starts the workers and merges what they counted; health judges the generator itself; runner
plays warm-ups, rounds and pairs.
"""
