"""leedskg: a knowledge graph of the Leeds health innovation ecosystem and the program that publishes it."""
