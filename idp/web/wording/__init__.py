"""The sentences that are chosen by a code and not by a template: refusals, errors, notices, and what is shared.

English stands here as written (`marked` tells the extraction command about it); the templates translate it.
"""

from idp.web.wording.acting import acting_words
from idp.web.wording.browsers import browser_name
from idp.web.wording.console import console_words
from idp.web.wording.errors import ErrorWords, error_words
from idp.web.wording.looks import look_words
from idp.web.wording.notices import ACCOUNT_NOTICES, METHODS, SIGN_IN_REASONS
from idp.web.wording.proof import proof_words
from idp.web.wording.recovery import recovery_words
from idp.web.wording.refusals import REFUSALS
from idp.web.wording.security import KINDS as AUTHENTICATOR_KINDS
from idp.web.wording.security import NOTICES as SECURITY_NOTICES
from idp.web.wording.security import alert_headline, happened_words, means_words
from idp.web.wording.shared_items import basis_words, item_words, value_words
from idp.web.wording.words import Words

__all__ = [
    "ACCOUNT_NOTICES",
    "AUTHENTICATOR_KINDS",
    "METHODS",
    "REFUSALS",
    "SECURITY_NOTICES",
    "SIGN_IN_REASONS",
    "ErrorWords",
    "Words",
    "acting_words",
    "alert_headline",
    "basis_words",
    "browser_name",
    "console_words",
    "error_words",
    "happened_words",
    "item_words",
    "look_words",
    "means_words",
    "proof_words",
    "recovery_words",
    "value_words",
]
