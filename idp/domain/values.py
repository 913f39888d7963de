"""`dataclass` for everything that holds values: frozen for the type checker, and made without the price of it.

The `__init__` of a frozen dataclass sets each field through `object.__setattr__`: a quarter of a microsecond for each
of the three hundred fields that one code flow fills, a tenth of its processor time. mypy refuses assignments to fields
of what is declared `frozen=True`, in tests too, so nothing has to look once more while the provider runs
(docs/decisions/0037-values-are-frozen-by-the-type-checker.md).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses

    def dataclass(*, frozen: bool = False, eq: bool = True, **options: bool) -> Callable[[type], type]:
        """Return the decorator of `dataclasses.dataclass`; what is `frozen` is hashed by its fields, too."""
        return dataclasses.dataclass(eq=eq, unsafe_hash=frozen and eq, **options)


__all__ = ["dataclass"]
