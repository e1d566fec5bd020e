"""The tables of a history: one module a version, and the migrations from each to the next.

Only the history takes from here: `migrations` (migrate, VERSION, version_of). `version_1`
to `version_5` are SQL that has landed, and so is never edited.
"""
