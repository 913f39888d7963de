"""The people of the simulated register: all invented. Those of the demo's provider are among them, and some others."""

from pydantic import BaseModel


class Card(BaseModel):
    """An identity card; days as ISO 8601."""

    number: str
    issued: str
    expires: str | None


class Residence(BaseModel):
    """Codes of province and commune."""

    province: str
    commune: str


class Person(BaseModel):
    """One entry. `portrait` is the reference that the biometric verifier takes."""

    personal_number: str
    name: str
    birthdate: str
    gender: str
    life_status: str = "alive"
    card: Card | None
    residence: Residence
    portrait: str


def _person(
    number: str,
    name: str,
    birthdate: str,
    place: tuple[str, str],
    *,
    card: tuple[str, str | None] = ("2022-05-10", "2037-05-10"),
    life_status: str = "alive",
) -> Person:
    return Person(
        personal_number=number,
        name=name,
        birthdate=birthdate,
        gender="female" if int(number[3]) % 2 else "male",
        life_status=life_status,
        card=Card(number=number, issued=card[0], expires=card[1]),
        residence=Residence(province=place[0], commune=place[1]),
        portrait=f"portrait-{number[-5:]}",
    )


HANOI, HAI_PHONG, DA_NANG = ("01", "00070"), ("31", "11296"), ("48", "20194")
HO_CHI_MINH, CAN_THO, NGHE_AN = ("79", "26740"), ("92", "31117"), ("40", "16681")

PEOPLE = (
    # People with an account in the demo.
    _person("001190000011", "Nguyễn Thị Ánh", "1990-03-08", HANOI),
    _person("079085000022", "Trần Văn Bình", "1985-11-20", HO_CHI_MINH),
    _person("048199000033", "Lê Hoàng Chi", "1999-07-01", DA_NANG),
    _person("031078000044", "Phạm Quang Dũng", "1978-12-05", HAI_PHONG),
    _person("024301000055", "Hoàng Thị Em", "2001-05-19", HANOI),
    _person("092182000066", "Võ Thu Giang", "1982-09-02", CAN_THO),
    _person("025188000066", "Lý Thị Hoa", "1988-04-12", HANOI),
    _person("025218000077", "Lý Minh Khôi", "2018-09-05", HANOI),
    _person("001179000077", "Bùi Thị Hạnh", "1979-01-15", HANOI),
    _person("048083000088", "Đặng Minh Khoa", "1983-06-30", DA_NANG),
    # People who can register.
    _person("001203000077", "Đỗ Minh Hải", "2003-04-30", HANOI),
    _person("075195000088", "Bùi Ngọc Khánh", "1995-10-10", HO_CHI_MINH),
    _person("079211000101", "Trần Quốc Khang", "2011-02-14", HO_CHI_MINH),
    # People who cannot: a child, somebody who died, and somebody whose card has expired.
    _person("001314000099", "Nguyễn Gia Hân", "2014-06-01", HANOI),
    _person("040150000112", "Phan Thị Lành", "1950-08-15", NGHE_AN, life_status="deceased"),
    _person("038168000123", "Đặng Thị Mai", "1968-01-20", NGHE_AN, card=("2008-02-01", "2018-02-01")),
)
