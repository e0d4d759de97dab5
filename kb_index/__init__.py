"""The knowledge base: articles in Markdown, an index of them, and the search that answers from it.

Stands alone (it imports nothing of the service) and takes its folders as arguments.
`build` needs torch and scikit-learn; `search` needs neither, so that a server starts in under a second.
"""
