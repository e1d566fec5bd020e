"""Child processes that make load: generator workers, locustfile players, Locust's master and its machines.

child (the parent's end) and parent (the child's end) speak messages: one JSON object a line, both ways. A child begins
with `run_child`, ends when its input ends, and answers each message with a reply or a complaint; in between it may send
news. Which messages there are is told by each child's own room: generator.messages, locustfile.messages, and
machines.messages. Nothing here imports gevent.
"""
