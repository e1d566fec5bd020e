"""Locustfiles as scenarios: Locust itself plays them, in a process of its own for each side.

reader (tells locustfiles from our own files, and makes scenarios of them) and engine run in the gate's process; player
is the child: loading (the file's users and its load), counting (Locust's request event -> our tally), listeners
and spawning (what the file's own code raises, of which Locust only writes a log). messages go between them. shapes
makes a load profile of a LoadTestShape. Locust is imported in the child alone: it patches its process.

Every round spawns its users anew and counts from when all are there, their `on_start` done, until its time is over: as
with our own engine, each round opens its connections anew. One process plays all rounds of a side. A process for each
round measured the same (medians of 14 rounds: 3.2 and 3.3 ms), for 0.65 s of CPU and 2 s of waiting a round.

Others may take: engine and reader.
"""
