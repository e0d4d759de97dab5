"""What a ticket is and what happens to it. Pure: stores and messengers are handed in through ports."""
