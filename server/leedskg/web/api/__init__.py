"""What programs ask: the endpoint, the graph store, the data set, and the description of them all."""
