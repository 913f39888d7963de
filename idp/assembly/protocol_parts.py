"""What several protocol endpoints share, made once from the foundation."""

from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.adapters.foundation import Foundation
from idp.assembly.client_authentication import client_authentication
from idp.domain.levels.assurance import reach_of
from idp.domain.values import dataclass
from idp.ports.foreign_tokens import ForeignTokens, TokenEncryption
from idp.protocol.authorize.check_assurance import AssuranceChecks
from idp.protocol.claims.acting import ActingFor
from idp.protocol.clients.client_authentication import ClientAuthentication
from idp.protocol.clients.client_calls import ClientCalls
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.clients.client_limit import ClientLimit
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.replay_marks import ReplayMarks
from idp.protocol.resources.resources import ResourceIndicators
from idp.protocol.senders.dpop import DpopNonces, DpopProofs
from idp.protocol.senders.sender_constraint import SenderConstraints
from idp.protocol.tokens.access_token import AccessTokens
from idp.protocol.tokens.authorization_code import AuthorizationCodes
from idp.protocol.tokens.client_tokens import ClientTokens
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers
from idp.protocol.tokens.id_token import IdTokens
from idp.protocol.tokens.new_grant import NewGrants
from idp.protocol.tokens.refresh_token import RefreshTokens
from idp.protocol.tokens.token_state import TokenState
from idp.protocol.tokens.user_tokens import UserTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolParts:
    """The shared parts. `at` has the stores, keys and clocks below them."""

    at: Foundation
    issuer: str
    limit: ClientLimit
    refusals: RefusalCounter
    foreign: ForeignTokens
    encryption: TokenEncryption
    client_keys: ClientKeys
    encrypted_answers: EncryptedAnswers
    replay_marks: ReplayMarks
    proofs: DpopProofs
    constraints: SenderConstraints
    authentication: ClientAuthentication
    calls: ClientCalls
    assurance: AssuranceChecks
    codes: AuthorizationCodes
    access_tokens: AccessTokens
    id_tokens: IdTokens
    refresh_tokens: RefreshTokens
    resources: ResourceIndicators
    acting: ActingFor
    token_state: TokenState
    user_tokens: UserTokens
    client_tokens: ClientTokens
    new_grants: NewGrants


def protocol_parts(at: Foundation, limit: ClientLimit, refusals: RefusalCounter) -> ProtocolParts:
    """Make the parts."""
    stores, issuer = at.stores, at.settings.issuer
    foreign = ForeignJws()
    marks = ReplayMarks(stores.short_lived, at.clock)
    proofs = DpopProofs(foreign, marks, DpopNonces(at.keys, at.clock), at.clock)
    access_tokens = AccessTokens(issuer, at.signer, at.clock, at.entropy)
    client_keys = ClientKeys(foreign, at.outgoing, at.clock)
    encrypted_answers = EncryptedAnswers(at.encryption, client_keys)
    id_tokens = IdTokens(issuer, at.signer, at.keys, at.clock, at.encryption)
    authentication = at.traces.watch(client_authentication(at, foreign, client_keys, marks))
    refresh_tokens = RefreshTokens(at.entropy)
    acting = ActingFor(stores.authorities, at.keys, at.clock)
    user_tokens = UserTokens(access_tokens, id_tokens, encrypted_answers, at.keys, stores.accounts, acting, at.clock)
    return ProtocolParts(
        at=at,
        issuer=issuer,
        limit=limit,
        refusals=refusals,
        foreign=foreign,
        encryption=at.encryption,
        client_keys=client_keys,
        encrypted_answers=encrypted_answers,
        replay_marks=marks,
        proofs=proofs,
        constraints=SenderConstraints(proofs),
        authentication=authentication,
        calls=ClientCalls(authentication, limit, refusals),
        assurance=AssuranceChecks(stores.assurance_policies, reach_of(at.methods)),
        codes=AuthorizationCodes(stores.short_lived, at.keys, at.entropy),
        access_tokens=access_tokens,
        id_tokens=id_tokens,
        refresh_tokens=refresh_tokens,
        acting=acting,
        resources=ResourceIndicators(issuer, stores.clients),
        token_state=TokenState(access_tokens, stores.clients, stores.grants, stores.accounts, acting, at.clock),
        user_tokens=user_tokens,
        client_tokens=ClientTokens(access_tokens, stores.audit_trail),
        new_grants=NewGrants(stores.grants, refresh_tokens, user_tokens, at.clock),
    )
