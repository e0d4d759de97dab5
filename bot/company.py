"""Who answers here: the company's name, numbers and addresses, out of `company.yml`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.company_data import read_yaml

_ADDRESS = r"^[^@\s]+@[^@\s]+$"
Address = Annotated[str, Field(pattern=_ADDRESS), AfterValidator(str.lower)]


class Company(BaseModel):
    """The company whose desk this is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    ticket_prefix: str = Field(pattern=r"^[A-Z]{1,5}$")
    first_ticket_number: int = Field(ge=1)
    email: str = Field(pattern=_ADDRESS)
    phone: str | None = None
    # Who answers tickets, besides those whose identity token says so.
    agents: tuple[Address, ...] = ()

    def ticket_number(self, sequence: int) -> str:
        """`PC-1042` for the sequence number of a ticket, counted from 1."""
        return f"{self.ticket_prefix}-{self.first_ticket_number + sequence - 1}"


def load_company(directory: Path) -> Company:
    """Raises ConfigurationError."""
    return read_yaml(directory / "company.yml", Company)
