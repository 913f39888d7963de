"""What people choose as passwords: common and leaked ones, words and names."""

from typing import Protocol


class PasswordBlocklist(Protocol):
    """A list at hand: nothing of a password leaves the process."""

    def holds(self, word: str) -> bool:
        """Whether a word (lower case, without tone marks) is on the list."""
        ...
