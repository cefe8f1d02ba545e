"""Measurements, by `make bench`. Not collected by pytest: they take a minute and need packages of their own."""
