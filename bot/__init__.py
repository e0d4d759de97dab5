"""Triagem: first line of support by conversation, in Brazilian Portuguese."""
