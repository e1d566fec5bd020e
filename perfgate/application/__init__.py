"""The application: plans a measurement, measures, judges, and reads histories; it alone drives several other rooms.

`cli` takes from here, for the most part in this order:

    context         Context: folder, environment and a listener, handed to all below
    ci_job          ci_job: what the CI system says of the job that this is
    planning        plan_measurement, command_line; plan has their values (LoadOptions, MeasurementPlan, Histories)
    gate_targets    gate_targets: base and head where nobody names them
    measurement     measure_run, measure_duet, measure_unkept
    judging         judge_run, judge_duet, judge_against_history, judge_stored
    shared_history  history_to_read, histories_to_read, destination_of: the history that a team shares
    stored_runs     StoredRuns: the runs of several histories, read as one
    pages           stored_times, seen_stacks: what a page shows beside the verdict
    trend_query     read_trends, trend_of_report
    self_test       run_self_test: the gate tried on itself
    bench           bench.Bench: services, engine and CPUs while a measurement lasts
    bisecting       bisection.bisect: the commit that made it slower
    progress        ProgressReporter: what a command line shows of a measurement, as a protocol

Nothing in this room prints, reads the environment, asks for the working directory or knows the command line.
"""
