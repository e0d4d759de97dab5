"""Conversations nobody wrote: a random walk against the running service, and eight customers played to the ticket."""
