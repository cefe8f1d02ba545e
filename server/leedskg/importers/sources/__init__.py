"""The publishers that are read, a module each; `leedskg.importers.registry` lists them."""
