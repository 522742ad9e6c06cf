"""Bulk: folders of conversations in, a dataset and a search store out, shard by shard, in one process or over many machines.

Work that is finished is never done again: a shard is known by all that decides what is in it.
"""
