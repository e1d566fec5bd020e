"""Words for findings of one kind: `count_words`, `dependency_words`, and `difference_words` for what else differs.

`acceptance_words` says what somebody accepts, and `acceptance_entries` what would accept more; `undecidable_words` what
to do about rows that no more load decides.
"""
