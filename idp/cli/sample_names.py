"""Common parts of Vietnamese names and addresses, for people who do not exist."""

from typing import Final

# Shares in thousandths, roughly as surnames are spread.
FAMILY_NAMES: Final = (
    ("Nguyễn", 384), ("Trần", 121), ("Lê", 95), ("Phạm", 70), ("Hoàng", 40), ("Huỳnh", 31), ("Phan", 45), ("Vũ", 29),
    ("Võ", 20), ("Đặng", 21), ("Bùi", 20), ("Đỗ", 14), ("Hồ", 13), ("Ngô", 13), ("Dương", 10), ("Lý", 8), ("Đinh", 8),
    ("Đoàn", 8), ("Trịnh", 7), ("Lương", 6), ("Mai", 6), ("Trương", 6), ("Đào", 5), ("Cao", 4), ("Tạ", 3), ("Nông", 3),
    ("Quách", 2), ("Giàng", 2), ("Tôn Nữ", 1), ("Âu Dương", 1), ("Vàng", 2), ("Lò", 2),
)  # fmt: skip

MIDDLE_NAMES: Final = {
    "male": (
        "Văn", "Văn", "Văn", "Hữu", "Đức", "Quang", "Minh", "Quốc", "Công", "Xuân", "Thanh", "Ngọc", "Đình", "Anh",
        "Gia", "Bá", "Duy", "Trọng",
    ),
    "female": (
        "Thị", "Thị", "Thị", "Thị", "Ngọc", "Thu", "Thanh", "Kim", "Minh", "Phương", "Hồng", "Bích", "Thùy", "Mỹ",
        "Quỳnh", "Khánh", "Diệu", "Thị Minh",
    ),
}  # fmt: skip

GIVEN_NAMES: Final = {
    "male": (
        "An", "Anh", "Bách", "Bảo", "Bình", "Cường", "Chiến", "Dũng", "Duy", "Đạt", "Đức", "Giang", "Hải", "Hậu",
        "Hiếu", "Hoàng", "Hòa", "Hùng", "Huy", "Hưng", "Khang", "Khánh", "Khoa", "Khôi", "Kiên", "Lâm", "Long", "Lộc",
        "Luân", "Mạnh", "Minh", "Nam", "Nghĩa", "Nguyên", "Nhân", "Phong", "Phú", "Phúc", "Phước", "Quân", "Quang",
        "Quý", "Sơn", "Tài", "Tâm", "Tân", "Thái", "Thành", "Thắng", "Thịnh", "Thuận", "Tiến", "Toàn", "Trí", "Trung",
        "Tú", "Tuấn", "Tùng", "Việt", "Vinh", "Vũ", "Vượng", "Đăng Khoa", "Nhật Minh",
    ),
    "female": (
        "An", "Anh", "Ánh", "Bình", "Chi", "Châu", "Dung", "Duyên", "Đào", "Giang", "Hà", "Hạnh", "Hằng", "Hân", "Hiền",
        "Hoa", "Hòa", "Hồng", "Huệ", "Huyền", "Hương", "Khánh", "Lan", "Lệ", "Liên", "Linh", "Loan", "Ly", "Mai", "My",
        "Nga", "Ngân", "Ngọc", "Nguyệt", "Nhi", "Nhung", "Oanh", "Phương", "Phượng", "Quyên", "Quỳnh", "Tâm", "Thanh",
        "Thảo", "Thơ", "Thu", "Thủy", "Thúy", "Thư", "Thương", "Trà", "Trang", "Trâm", "Trinh", "Tú", "Tuyết", "Uyên",
        "Vân", "Vy", "Xuân", "Yến", "Bảo Trân", "Minh Khai", "Tường Vy",
    ),
}  # fmt: skip

STREETS: Final = (
    "Trần Hưng Đạo", "Lê Lợi", "Nguyễn Huệ", "Hai Bà Trưng", "Lý Thường Kiệt", "Trần Phú", "Quang Trung", "Lê Duẩn",
    "Nguyễn Trãi", "Phan Chu Trinh", "Hoàng Diệu", "Điện Biên Phủ", "Võ Thị Sáu", "Ngô Quyền", "Phan Đình Phùng",
    "Bà Triệu",
)  # fmt: skip

WARDS: Final = (
    "phường An Bình", "phường Hòa Thuận", "phường Tân Lập", "phường Đông Sơn", "phường Thanh Bình", "phường Vĩnh Phú",
    "xã Tân Tiến", "xã Hòa Bình", "xã Quang Minh", "xã Đại Thắng", "xã Phú Lâm", "xã Yên Sơn", "xã Long Hưng",
    "xã Bình Minh", "phường Trung Tâm", "phường Nam Cường",
)  # fmt: skip

PROVINCES: Final = (
    "Hà Nội", "Huế", "Lai Châu", "Điện Biên", "Sơn La", "Lạng Sơn", "Quảng Ninh", "Thanh Hóa", "Nghệ An", "Hà Tĩnh",
    "Cao Bằng", "Tuyên Quang", "Lào Cai", "Thái Nguyên", "Phú Thọ", "Bắc Ninh", "Hưng Yên", "Hải Phòng", "Ninh Bình",
    "Quảng Trị", "Đà Nẵng", "Quảng Ngãi", "Gia Lai", "Khánh Hòa", "Lâm Đồng", "Đắk Lắk", "Hồ Chí Minh", "Đồng Nai",
    "Tây Ninh", "Cần Thơ", "Vĩnh Long", "Đồng Tháp", "Cà Mau", "An Giang",
)  # fmt: skip
"""The 34 provinces and cities since 1 July 2025."""
