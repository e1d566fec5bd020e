"""Values that are measured, and how they fold together; pure, and above nothing but units and errors.

Others take all modules: `tally` counts and merges, `tally_statistics` reads one statistic, `histogram` and `series`
hold distributions, `dependency_use` what dependencies of a service used, `run` holds rounds and runs, `readings` is the
protocol of measured and stored runs, `catalogue` names the metrics, `threshold` has k6's grammar, `request_names`
groups requests, `run_names` limits their number, `sentences` puts like sentences together.
"""
