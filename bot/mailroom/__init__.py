"""Where incoming mail is sorted: onto its ticket, aside, or before somebody's eyes."""
