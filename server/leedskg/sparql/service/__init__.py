"""How a query runs: a connection to a supervisor, which hands it to a worker process that it has forked.

`supervisor` and `worker` are processes; `keeper` starts a supervisor for each generation; `client` asks it.
"""
