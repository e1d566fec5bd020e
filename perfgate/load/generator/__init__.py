"""Our own engine: worker processes in which users run as greenlets.

engine (in the gate's process) <- messages -> worker -> worker_loop (one command after the other; scenario_copies loads)
-> executor (a round, in k6's ways of keeping users busy; dispatch for open models; live_slices for users that live
through several, and shared_users for those of two sides) -> user_pool and user (what a scenario function is given) ->
perfgate.load.http.
recorder counts, loop_monitor watches the event loop, unique_ids makes ids, greenlets is the group that users run in,
garbage keeps Python's search for cycles away, measured_stream counts what is streamed.

Others may take: engine, messages and unique_ids; perfgate.load.machines runs executor and worker_loop elsewhere.
"""
