"""Services as child processes: started, pinned, watched, and stopped with all their descendants.

For the package above: `process.ServiceProcess`, and the mark that `owned_processes` finds a service's processes by.
For everybody: `programs`, the files that processes run.
"""
