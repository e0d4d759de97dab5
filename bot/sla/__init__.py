"""Severity and deadlines. Pure: it reads data and computes; it stores and sends nothing."""
