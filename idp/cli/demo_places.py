"""Where the demo's networks lie: made up, so that pages and alerts have places to show."""

from typing import Final

NETWORK_PLACES: Final = """network,country,province,name,latitude,longitude
127.0.0.0/8,VN,HN,Hà Nội,21.0285,105.8542
::/64,VN,HN,Hà Nội,21.0285,105.8542
10.0.0.0/8,VN,SG,Thành phố Hồ Chí Minh,10.7769,106.7009
172.16.0.0/12,VN,DN,Đà Nẵng,16.0544,108.2022
192.168.0.0/16,VN,HN,Hà Nội,21.0285,105.8542
192.0.2.0/24,VN,26,Huế,16.4637,107.5909
198.51.100.0/24,FR,,Pháp,48.8566,2.3522
203.0.113.0/24,SG,,Singapore,1.3521,103.8198
"""
"""Loopback, private networks (RFC 1918) and those for documentation (RFC 5737)."""
