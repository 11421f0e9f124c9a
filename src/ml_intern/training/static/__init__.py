"""Checks that read a script and run nothing: seconds instead of a job, before the smoke test.

They find the mistakes that a person finds by reading: a package that is not there, an argument that the
installed version does not take, the test split where it must not be. They are no protection against a script
that hides what it does; that is the sandbox's task. Where a check cannot tell, it is silent.
"""
