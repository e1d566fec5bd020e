"""What a page shows beside the verdict: `stored_times`, of the runs of a history; `seen_stacks`, of profilers."""
