"""Where the next run should lie, if it is like those before it: alone, and beside the other rows of its run."""
