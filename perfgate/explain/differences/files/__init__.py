"""Files of a build and of its settings, one module for each: what they say is facts of several kinds.

`reading` knows which file is read by whom, those of `packages` too; others take its `reader_of` and `most_bytes`.
"""
