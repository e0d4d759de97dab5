"""Brings articles of other systems into a folder of ours: document → conversion → shelf.

    markdown_folder  confluence  zendesk     what each system calls a document, and where its links lead
                     └ storage_format        a Confluence page as plain HTML
    conversion                               HTML of any origin as our Markdown, scripts and dead links gone
    shelf                                    the folder of articles: writes, never over a person's work
    importing                                the round trip, and a report of it
    command                                  the same from a terminal

Nothing is fetched from anywhere: the systems' own exports are read.
"""
