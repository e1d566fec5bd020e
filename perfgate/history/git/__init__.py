"""A history in git: published to a branch, fetched from it, merged by a driver, shown as text in a diff.

Others take `publishing` (new runs to a branch of the remote), `fetching` (what the branch has), `driver` and `textconv`
(what git calls in a clone), `place` (the path of a history) and `scratch_repository.remote_of`. `filtering`
refuses a history under Git LFS, `push_refusal` says why a remote refuses.
"""
