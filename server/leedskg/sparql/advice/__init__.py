"""What to tell a person whose query is wrong, finds nothing, or takes long."""
