"""What is done by the clock: jobs in batches, the reports they write, and the check of the facts.

`table.py` lists the jobs. The worker runs each at its time (`livecommerce/jobs.py`), and
`livecommerce maintain` runs one, or all, at once.
"""
