"""What a duet can decide: before it begins, on its way, and what it would have taken.

`prospect` is what a row will be known by when its duet ends, `gating` draws the consequence for rows that cannot be
decided, `load` foretells from a warm-up what so many seconds will show, and `decisive` says what would have decided a
row that stays open. `instances` is the part of the uncertainty that no number of pairs makes smaller.
"""
