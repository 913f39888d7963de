"""The certificate that the provider shows to services of the state, and the authorities that it believes theirs by."""

import ssl
from pathlib import Path

from idp.settings import Settings, SettingsError


def service_tls(settings: Settings) -> ssl.SSLContext | None:
    """Return the context for calls to services; None when neither certificate nor authorities are set.

    Raises `SettingsError` when a file cannot be used, or the population register is set without a certificate.
    """
    certificate, key, authorities = settings.service_certificate, settings.service_key, settings.service_ca
    if settings.population_registry and (certificate is None or key is None):
        raise SettingsError(
            "IDP_POPULATION_REGISTRY is set without a certificate to show",
            "set IDP_SERVICE_CERTIFICATE and IDP_SERVICE_KEY",
        )
    if certificate is None and authorities is None:
        return None
    context = _believing(authorities)
    if certificate is not None:
        _show(context, certificate, key)
    return context


def _believing(authorities: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authorities)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError("IDP_SERVICE_CA cannot be used", "name a readable file of PEM certificates") from error


def _show(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            "IDP_SERVICE_CERTIFICATE or IDP_SERVICE_KEY cannot be used",
            "name readable PEM files: the certificate, and its private key without a passphrase",
        ) from error
