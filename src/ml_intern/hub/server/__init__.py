"""The embedded Hub: a small server that speaks the Hugging Face Hub's own HTTP protocol.

It serves the official clients, unmodified, from a folder: repositories with commits, branches and tags, large
files over plain LFS, search, tokens, private and gated repositories. It is meant for one machine or one team
behind a firewall: no web page, no pull requests, no Xet.
"""
