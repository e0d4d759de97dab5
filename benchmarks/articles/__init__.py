"""How well the knowledge base finds the right article, and what it costs."""
