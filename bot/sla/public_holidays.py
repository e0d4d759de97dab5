"""Holidays by law, of a country and its states. The only importer of `holidays`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import holidays


def states_by_country() -> Mapping[str, Collection[str]]:
    """Codes of the countries whose holidays are known, each with the codes of its states."""
    return holidays.list_supported_countries()


def public(country: str, state: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=state, years=year))


def optional(country: str, state: str | None, year: int) -> dict[date, str]:
    """Days that the law leaves to whoever opens or closes (in Brazil Carnaval and Corpus Christi), by Portuguese name.

    Not every country has such.
    """
    known = holidays.country_holidays(country, subdiv=state, years=year).supported_categories
    if "optional" not in known:
        return {}
    return dict(
        holidays.country_holidays(country, subdiv=state, years=year, categories=("optional",), language="pt_BR").items()
    )


def names_of_optional(country: str, state: str | None) -> set[str]:
    """Over enough years to meet each."""
    return {name for year in range(2020, 2030) for name in optional(country, state, year).values()}
