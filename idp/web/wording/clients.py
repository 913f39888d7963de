"""The words of the services room: stages, gates, verdicts, legal bases, and what is wrong with an entry."""

from typing import Final

from idp.web.wording.words import marked

CLIENT_WORDS: Final = {
    "room.clients": marked("Services"),
    "stage.onboarding": marked("On the way to production"),
    "stage.production": marked("In production"),
    "stage.disabled": marked("Disabled"),
    "gate.agreement": marked("Written agreement"),
    "gate.security_level": marked("Information-security level 3 or better"),
    "gate.purpose": marked("Purpose"),
    "gate.appraisal": marked("Appraisal passed"),
    "verdict.passed": marked("Passed"),
    "verdict.refused": marked("Not passed"),
    "basis.consent": marked("Consent of the person"),
    "basis.law": marked("A law says so"),
    "basis.public_task": marked("Public task"),
    "basis.contract": marked("Contract with the person"),
    "basis.emergency": marked("Life or health"),
    "audience.citizen": marked("Citizens"),
    "audience.officer": marked("Officers"),
    "audience.both": marked("Citizens and officers"),
    "notice.saved": marked("Saved."),
    "notice.tester_added": marked("This account may sign in there now."),
    "notice.tester_removed": marked("This account may not sign in there any more."),
    "notice.disabled": marked("Disabled. Nobody signs in there any more."),
    "notice.enabled": marked("Enabled."),
    "notice.appraisal": marked("The appraisal has begun. It is to be decided within 30 days."),
    "problem.taken": marked("This identifier is taken."),
    "problem.gate_shut": marked("Something is missing on the way to production: see what is marked as missing."),
    "problem.other_sector": marked(
        "People would be known by other names at these addresses: register another."
    ),
    "problem.other_credentials": marked("How a service proves itself cannot be changed here."),
    "problem.claim_line": marked(
        "A line has a claim, a legal basis, purposes in two languages, an article."
    ),
    "change.clients.production": marked("Let a service into production"),
    "change.clients.metadata": marked("Change a service in production"),
    "fact.client.id": marked("Service (its client_id)"),
    "fact.client.name": marked("Name"),
    "fact.client.purpose": marked("Purpose"),
    "fact.client.agreement": marked("Written agreement"),
    "fact.client.security_level": marked("Information-security level"),
    "fact.client.redirect_uris": marked("Redirect addresses"),
    "fact.client.scope": marked("Scopes"),
    "fact.client.claims": marked("Claims that may leave"),
    "fact.client.client_name": marked("Name"),
    "fact.client.minimum_acr": marked("Minimum level"),
    "fact.client.audience": marked("Who signs in"),
}
