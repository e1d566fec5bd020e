"""The readers: a module for each kind of file, called like the tool that writes it; formats lists them.

jtl_transactions belongs to jtl, k6_samples to k6_json and k6_csv, k6_summary to the three kinds of k6's summaries.
"""
