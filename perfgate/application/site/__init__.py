"""What `perfgate site` does: from histories to a folder of pages. `writing.write_site` is the door.

source reads what all pages need, verdicts judges the newest runs, scenario_files makes one scenario's page and data (in
a process of its own where there are many runs), folder keeps what it wrote apart from what others have there.
"""
