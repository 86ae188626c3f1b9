# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of cases, filled by the @case decorator when the files in cases/ are imported."""

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Callable

from wire import schema


@dataclass(frozen=True)
class Case:
    """One scripted conversation, run once per version of the API it is about."""
    api: str
    name: str
    versions: tuple[int, ...]
    script: Callable


CASES: list[Case] = []


def case(api: str, minimum: int = 0, maximum: int = 1 << 15, only: list[int] | None = None):
    """Registers a function as a case of an API, for all advertised versions unless narrowed.

    api "Framing" stands for the connection itself and runs once, as version 0.
    """
    def register(script):
        versions = [0] if api == "Framing" else schema.stableVersions(api)
        chosen = tuple(each for each in versions
                       if minimum <= each <= maximum and (only is None or each in only))
        if not chosen:
            raise ValueError(f"{api} {script.__name__}: no version left")
        if any(each.api == api and each.name == script.__name__ for each in CASES):
            raise ValueError(f"{api} {script.__name__}: name used twice")
        CASES.append(Case(api, script.__name__, chosen, script))
        return script
    return register


def loadCases() -> list[Case]:
    import cases
    for module in pkgutil.iter_modules(cases.__path__):
        importlib.import_module(f"cases.{module.name}")
    return CASES
