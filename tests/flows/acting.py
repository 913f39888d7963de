"""Records of people who act for others, and clients that ask on whose behalf."""

from tests.flows.conftest import RECORDS

TAX_CODE = "0100109106"
AN, BINH, CHILD, OTHER = "001099000001", "001199000002", "001215000009", "001088000010"
ELSEWHERE = "http://127.0.0.1:9001/callback"
_MORE = """
  - personal_number: "001215000009"
    name: Nguyễn Thị Bé
    birthdate: 2015-03-04
  - personal_number: "001088000010"
    name: Phạm Văn Dũng
    birthdate: 1988-02-03
    email: dung@example.vn
    level: 2
    password: correct horse battery staple
    totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
organisations:
  - tax_code: "0100109106"
    name: Công ty Bình Minh
    representatives: [REPRESENTATIVES]
"""


def acting_records(*representatives: str) -> str:
    """The people of all flows with a child and an organisation; the gateway on another host than the portal's."""
    numbers = ", ".join(f'"{number}"' for number in representatives or (AN,))
    more = _MORE.replace("REPRESENTATIVES", numbers)
    records = RECORDS.replace("officers:\n", f"{more}officers:\n", 1)
    records = records.replace("scope: openid profile email", "scope: openid profile email authority")
    before, gateway = records.split("  - client_id: gateway\n")
    own = gateway.replace('["http://localhost:9001/callback"]', f'["{ELSEWHERE}"]', 1)
    return f"{before}  - client_id: gateway\n{own}"
