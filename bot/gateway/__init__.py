"""The one public door: HTTP in, our own terms inside. The only importer of FastAPI."""
