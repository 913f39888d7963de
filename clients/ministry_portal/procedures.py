"""The administrative procedures this ministry handles online."""

from collections.abc import Mapping
from dataclasses import dataclass

AGENCY_NAME = {
    "vi": "Bộ Tài nguyên và Môi trường",
    "en": "Ministry of Natural Resources and Environment",
}


@dataclass(frozen=True, slots=True)
class Procedure:
    code: str
    name: Mapping[str, str]


PROCEDURES = {
    procedure.code: procedure
    for procedure in (
        Procedure(
            "land-extract",
            {"vi": "Cung cấp thông tin, dữ liệu đất đai", "en": "Extract from the land register"},
        ),
        Procedure(
            "groundwater-permit",
            {"vi": "Cấp giấy phép khai thác nước dưới đất", "en": "Permit to draw groundwater"},
        ),
        Procedure(
            "environment-licence",
            {"vi": "Cấp giấy phép môi trường", "en": "Environmental licence"},
        ),
    )
}
