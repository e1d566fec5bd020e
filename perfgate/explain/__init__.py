"""Why head is slower: profiles of both sides, folded into the functions whose CPU rose beyond chance.

`profilers` record the stacks of a service while it is under load, `folded` reads them, `origin` says which function
each sample is charged to, `rise` finds the functions that take more on head, and `causes` makes a `Cause` of each.

Other rooms take `cause`, `settings`, `profiles`, `causes` and `profilers.choice`.
"""
