"""Importing: from a file of another tool to runs. A fact that the file does not have stays None; nothing is made up.

source (the bytes) -> formats (which kind of file they are) -> readers (a module for each kind of file) -> parsed_run
(the runs as the file describes them) -> assembling (the runs as a history holds them).

What readers share: columns and reading_json (tables and JSON, with the places of mistakes), samples (single requests),
naming, status_codes, times. encoding and unreadable say what cannot be read, and why.

Other rooms take read_file, FORMATS and Imported (formats), ImportOverrides (assembling), and seconds_of (times).
"""
