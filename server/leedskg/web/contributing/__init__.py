"""The ways in for contributions, what stewards do with them, and the interface for programs."""
