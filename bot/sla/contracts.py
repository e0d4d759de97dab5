"""Special conditions of companies, over what the matrix and the desk's calendar say ("alguns clientes podem possuir
condições diferenciadas", the portal's page). `contracts.yml` is optional; without it nobody has any."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bot.company_data import read_yaml
from bot.sla.business_hours import BusinessCalendar, CalendarData, always_open, calendar_from
from bot.sla.matrix import SlaRow
from bot.text import plain

DESK, ALWAYS = "desk", "always"
"""Names of the calendars that every desk has; a contract's own is named after its company."""


class TargetData(BaseModel):
    """Hours on the calendar that the contract says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    diagnosis_hours: float = Field(gt=0)
    solution_hours: float = Field(gt=0)


class ContractData(BaseModel):
    """One company of `contracts.yml`. `domains` are those of its people's e-mail addresses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    domains: list[str] = []
    targets: dict[int, TargetData] = {}
    calendar: CalendarData | None = None
    always_open_for: list[int] = []


class ContractsData(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    companies: dict[str, ContractData] = {}


@dataclass(frozen=True)
class Terms:
    """What holds for a severity and a company: targets, the calendar they count on, and whether by contract."""

    diagnosis: timedelta
    solution: timedelta
    calendar: BusinessCalendar
    calendar_name: str
    by_contract: bool = False

    @property
    def day_and_night(self) -> bool:
        return self.calendar_name == ALWAYS


@dataclass(frozen=True)
class Contracts:
    """The desk's calendar and the contracts over it. Companies are the same whatever their case and accents."""

    desk: BusinessCalendar
    by_company: dict[str, ContractData] = field(default_factory=dict)

    def terms(self, row: SlaRow, company: str | None) -> Terms:
        """What a row of the matrix means for a company."""
        contract = self.by_company.get(plain(company or ""))
        hours = (row.diagnosis_business_hours, row.solution_business_hours)
        name = DESK
        if contract is not None:
            name = self._calendar_name(contract, row.severity, company or "")
            if target := contract.targets.get(row.severity):
                hours = (target.diagnosis_hours, target.solution_hours)
        special = contract is not None and (name != DESK or row.severity in contract.targets)
        diagnosis, solution = (timedelta(hours=value) for value in hours)
        return Terms(diagnosis, solution, self.calendar(name), name, special)

    def calendar(self, name: str) -> BusinessCalendar:
        """The calendar of a name; the desk's where a contract that once had its own is gone."""
        if name == ALWAYS:
            return always_open(self.desk.zone)
        contract = self.by_company.get(name)
        if contract is None or contract.calendar is None:
            return self.desk
        return calendar_from(contract.calendar)

    def company_of(self, email: str) -> str | None:
        """The company whose domain an address has."""
        domain = plain(email).rpartition("@")[2]
        return next((name for name, contract in self.by_company.items() if domain in contract.domains), None)

    def _calendar_name(self, contract: ContractData, severity: int, company: str) -> str:
        if severity in contract.always_open_for:
            return ALWAYS
        return plain(company) if contract.calendar else DESK


def load_contracts(path: Path, desk: BusinessCalendar) -> Contracts:
    """Raises ConfigurationError. No file, no contracts."""
    if not path.exists():
        return Contracts(desk)
    return Contracts(desk, {plain(name): data for name, data in read_yaml(path, ContractsData).companies.items()})
