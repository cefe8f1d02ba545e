"""Who is signed in, what they may do, and the pages of accounts."""
