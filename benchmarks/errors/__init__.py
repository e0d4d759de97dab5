"""Every wrong answer of a measuring set on one page, beside the file whose data would mend it."""
