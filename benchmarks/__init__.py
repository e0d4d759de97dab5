"""What is measured, each part with its results beside it."""
