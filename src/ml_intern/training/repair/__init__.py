"""The playbook's repairs: known bugs of training scripts, how each shows in a log, and what mends it."""
