"""Task types: what kinds of work the subnet does; the pipeline around them is written once."""
