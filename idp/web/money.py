"""Amounts as pages write them: dong as everybody writes them in Viet Nam, whatever the language of the page.

A person compares the page of the service with the page that asks for approval, so one amount looks the same on both.
"""


def money_text(amount: str, currency: str) -> str:
    """Return an amount (digits, with a point before fractions) with its currency (ISO 4217): `20.000.000 ₫`.

    Thousands of other currencies stand apart by a narrow space: a full stop and a comma mean different things in
    different languages. No line breaks before the currency.
    """
    whole, point, rest = amount.partition(".")
    thousands = f"{int(whole):,}"
    if currency == "VND" and not rest.strip("0"):
        return thousands.replace(",", ".") + "\u00a0₫"
    return thousands.replace(",", "\u202f") + f"{point}{rest}\u00a0{currency}"
