"""One module a noun of the API; a route reads the request, calls a service and returns a message."""
