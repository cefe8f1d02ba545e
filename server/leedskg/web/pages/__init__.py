"""The pages that everybody reads, and their tables as files."""
