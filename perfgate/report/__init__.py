"""Report: one Verdict or the trends of a branch as text, each reader's way.

Others take: `terminal`, `markdown` and `junit`, each with `render(verdict)`; `failure`, the report where an error left
no verdict; `result_file`, which is written for machines and read back; `sentences`, the headline and each reason in
words; `phrase`, which makes plain text of them; `progress`, the lines of a command at work; `trend`, the reports of a
history; `page`, a measurement or the trends as one HTML file; `bisection`, a search for a commit.

numbers (as text), cells, rows and tables are what all reports share. charts draws what pages show. layout sets tables
for the terminal, comment_tables and markdown_table for a comment. advice says what to do next, run_description what was
measured. escaping and strict_json keep hostile names and files harmless; result_values has a verdict in plain values.
"""
