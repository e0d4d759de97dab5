"""Special conditions of single companies, out of `contracts.yml`, laid over the matrix and the desk's calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator

from bot.company_data import read_yaml
from bot.sla.business_hours import BusinessCalendar
from bot.sla.calendar_file import CalendarPart, calendar_from
from bot.sla.matrix import Matrix, SlaRow
from bot.text import plain

DESK = "desk"
ALWAYS = "always"
_DAY_AND_NIGHT = (((time.min, time.max),),) * 7


@dataclass(frozen=True)
class Terms:
    """What one company is promised for one row of the matrix. Targets are open time of `calendar`."""

    diagnosis: timedelta
    solution: timedelta
    calendar: BusinessCalendar
    calendar_name: str
    special: bool = False
    """True where a contract promises something else than the matrix and the desk's calendar do."""

    @property
    def always(self) -> bool:
        """True when the clock runs day and night."""
        return self.calendar_name == ALWAYS


@dataclass(frozen=True)
class Target:
    """Hours of a severity; None as the matrix has it."""

    diagnosis_hours: float | None = None
    solution_hours: float | None = None

    def hours(self, row: SlaRow) -> tuple[float, float]:
        """(diagnosis, solution) for a row."""
        return (
            row.diagnosis_business_hours if self.diagnosis_hours is None else self.diagnosis_hours,
            row.solution_business_hours if self.solution_hours is None else self.solution_hours,
        )


@dataclass(frozen=True)
class Contract:
    company: str
    domains: frozenset[str] = frozenset()
    """Domains of its people's e-mail addresses, in lower case."""
    targets: dict[int, Target] = field(default_factory=dict)
    calendar: BusinessCalendar | None = None
    always_open_for: frozenset[int] = frozenset()

    @property
    def calendar_name(self) -> str:
        """Cannot be taken for the desk's calendar, whatever the company is called."""
        return f"contract:{plain(self.company)}"


class Contracts:
    """All contracts beside the desk's own calendar. Companies are found without regard to case, accents and spaces."""

    def __init__(self, desk: BusinessCalendar, contracts: Iterable[Contract] = ()) -> None:
        self.desk = desk
        self._by_company = {plain(contract.company): contract for contract in contracts}

    def terms(self, row: SlaRow, company: str | None = None) -> Terms:
        """What `company` (None: nobody in particular) is promised for a row of the matrix."""
        contract = self._by_company.get(plain(company or ""), _NO_CONTRACT)
        diagnosis, solution = contract.targets.get(row.severity, Target()).hours(row)
        name = _calendar_name(contract, row.severity)
        special = name != DESK or (diagnosis, solution) != Target().hours(row)
        return Terms(timedelta(hours=diagnosis), timedelta(hours=solution), self.calendar(name), name, special)

    def calendar(self, name: str) -> BusinessCalendar:
        """The calendar of a `Terms.calendar_name`; the desk's for that of a contract which has ended since."""
        return self._calendars.get(name, self.desk)

    def company_of(self, email: str | None) -> str | None:
        """The company whose people have addresses like this one."""
        return self._by_domain.get((email or "").rpartition("@")[2].strip().lower())

    @cached_property
    def _calendars(self) -> dict[str, BusinessCalendar]:
        own = {c.calendar_name: c.calendar for c in self._by_company.values() if c.calendar}
        return {**own, ALWAYS: BusinessCalendar(self.desk.zone, _DAY_AND_NIGHT)}

    @cached_property
    def _by_domain(self) -> dict[str, str]:
        return {domain: contract.company for contract in self._by_company.values() for domain in contract.domains}


_NO_CONTRACT = Contract("")


def _calendar_name(contract: Contract, severity: int) -> str:
    if severity in contract.always_open_for:
        return ALWAYS
    return contract.calendar_name if contract.calendar else DESK


# The file.


def _matrix(info: ValidationInfo) -> Matrix:
    """The matrix that the file is read against, see `load_contracts`."""
    return (info.context or {})["matrix"]


def _severity_exists(value: int, info: ValidationInfo) -> int:
    known = sorted({row.severity for row in _matrix(info).rows})
    if value not in known:
        raise ValueError(f"a matriz não tem severidade {value}; use {', '.join(map(str, known))}")
    return value


def _number_of_hours(value: float) -> float:
    if not 0 < value <= 10_000:
        raise ValueError("informe um número de horas maior que zero")
    return value


def _domain(value: str) -> str:
    domain = value.strip().lower()
    if "@" in domain or "." not in domain.strip(".") or len(domain.split()) != 1:
        raise ValueError(f"{value!r} não é um domínio de e-mail; escreva só o que vem depois da arroba")
    return domain


Severity = Annotated[int, AfterValidator(_severity_exists)]
Hours = Annotated[float, AfterValidator(_number_of_hours)]


class TargetData(BaseModel):
    model_config = ConfigDict(extra="forbid")

    diagnosis_hours: Hours | None = None
    solution_hours: Hours | None = None


class ContractData(BaseModel):
    model_config = ConfigDict(extra="forbid")

    domains: list[Annotated[str, AfterValidator(_domain)]] = []
    targets: dict[Severity, TargetData] = {}
    calendar: CalendarPart | None = None
    always_open_for: list[Severity] = []

    @model_validator(mode="after")
    def _solution_comes_after_diagnosis(self, info: ValidationInfo) -> Self:
        for row in _matrix(info).rows:
            if row.severity in self.targets:
                diagnosis, solution = Target(**self.targets[row.severity].model_dump()).hours(row)
                if solution < diagnosis:
                    raise ValueError(
                        f"na severidade {row.severity}, o prazo de solução fica menor que o de diagnóstico "
                        f"na linha {row.id} da matriz; corrija um dos dois"
                    )
        return self


class ContractsData(BaseModel):
    """`contracts.yml` as it is written: contracts by name of the company."""

    model_config = ConfigDict(extra="forbid")

    companies: dict[str, ContractData] = {}

    @field_validator("companies")
    @classmethod
    def _nobody_is_named_twice(cls, value: dict[str, ContractData]) -> dict[str, ContractData]:
        _refuse_doubles("a empresa", value)
        _refuse_doubles("o domínio", (domain for data in value.values() for domain in set(data.domains)))
        return value


def _refuse_doubles(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if not plain(name):
            raise ValueError("há um contrato sem nome de empresa; dê um nome a ele")
        if plain(name) in seen:
            raise ValueError(f"{what} {name} aparece em dois contratos; deixe em um só")
        seen.add(plain(name))


def load_contracts(path: Path, matrix: Matrix, desk: BusinessCalendar) -> Contracts:
    """No file means no special conditions. Raises ConfigurationError with the line that is wrong and what to do."""
    if not path.exists():
        return Contracts(desk)
    data = read_yaml(path, ContractsData, matrix=matrix, country=desk.country)
    return Contracts(desk, (_contract(name, data, desk) for name, data in data.companies.items()))


def _contract(company: str, data: ContractData, desk: BusinessCalendar) -> Contract:
    return Contract(
        company=" ".join(company.split()),
        domains=frozenset(data.domains),
        targets={severity: Target(**target.model_dump()) for severity, target in data.targets.items()},
        calendar=calendar_from(data.calendar, desk) if data.calendar else None,
        always_open_for=frozenset(data.always_open_for),
    )
