"""How mail comes in: fetched by IMAP or taken by LMTP, and read into what the mailroom decides about."""
