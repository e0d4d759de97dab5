"""How the parts of the index grow: vectors in memory, in PostgreSQL and in faiss, and postings."""
