"""Load: from a scenario and a URL to measured rounds.

In the gate's process, without gevent: runner plays warm-ups, rounds and pairs on targets, through an engine; pacer says
when work is due, coverage which parts of a profile are played (both pure); phase names what goes on; engine is the
interface of all engines, and engines has each scenario played by its own; rounds puts what an engine counted and what
usage_reading saw of services and machine together, with turn_clock where sides share a load; reports merges what
workers counted, strays judges where it went; raised counts exceptions of scenarios; health judges the generator itself.

Engines: generator (ours), k6, locustfile, and machines (our scenarios on many machines). http and wire carry the
requests of the generator's users; processes is how child processes are started and talked to.

Others may take: runner, engine, engines, phase, pacer and reports; each engine's `engine`, `reader` and settings;
http.urls.
"""
