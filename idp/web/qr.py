"""QR pictures (ISO/IEC 18004) as inline SVG: no style, no script, dark on light in every colour scheme."""

from markupsafe import Markup

_QUIET_ZONE = 4
"""Modules of light around the picture, as the standard demands."""


def qr_svg(content: str, label: str) -> Markup:
    """Return the picture of `content` for a page; `label` is read out in its place."""
    import qrcode  # noqa: PLC0415 -- few pages have a picture, and the libraries for it take 5 MiB
    from qrcode.constants import ERROR_CORRECT_M  # noqa: PLC0415 -- the same

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET_ZONE)
    code.add_data(content)
    code.make(fit=True)
    matrix = code.get_matrix()
    size = len(matrix)
    return Markup(
        '<svg class="qr" role="img" aria-label="{label}" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>'
    ).format(label=label, size=size, path="".join(_runs(matrix)))


def _runs(matrix: list[list[bool]]) -> list[str]:
    """Return one path command for each horizontal run of dark modules."""
    commands = []
    for y, row in enumerate(matrix):
        start: int | None = None
        for x, dark in enumerate([*row, False]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                commands.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
                start = None
    return commands
