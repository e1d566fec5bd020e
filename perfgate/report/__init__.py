"""Report: one Verdict, said to everybody in their own way.

figures (numbers as text), reasons (what each reason is about), tables (rows of cells) and sentences (the headline) are
what all reports share; layout dresses tables for terminal, narrow for a comment; escaping and phrase make names
harmless in markdown. trends is the history, which trend_table writes as tables, trend_chart draws for GitHub, and
trend_fold puts into a report; panels is what charts of it are drawn from, by drawing with Altair for chart (images) and
page (HTML). failure is the report where an error left no verdict. junit and result_file are for machines; the result
file can be read back, strict_json keeps strangers' files out. progress and sparkline are lines of text for the command
line.
"""
