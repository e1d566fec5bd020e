"""A history in git: published to a branch, fetched from it, merged by a driver, shown as text in a diff."""
