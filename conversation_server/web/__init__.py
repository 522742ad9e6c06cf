"""The console: pages that an operator reads in a browser. They call services, as routes do, and need no JavaScript."""
