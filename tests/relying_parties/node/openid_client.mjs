// One relying party built on openid-client, told line by line on standard input what to do: {"call": …, "with": {…}}.
// It answers each line with one line: {"result": …} or {"error": {…}}. What it needs between two calls it keeps.
import { createInterface } from "node:readline";
import * as client from "openid-client";
import { importJWK } from "jose";

const insecure = { execute: [client.allowInsecureRequests] };
let config;
let pending = {};
let proofs;

async function authentication({ method, secret, jwk }) {
  switch (method) {
    case "client_secret_basic":
      return client.ClientSecretBasic(secret);
    case "client_secret_post":
      return client.ClientSecretPost(secret);
    case "private_key_jwt":
      return client.PrivateKeyJwt({ key: await importJWK(jwk), kid: jwk.kid });
    default:
      return client.None();
  }
}

const calls = {
  async discover({ issuer, client_id, metadata = {}, dpop, ...credentials }) {
    config = await client.discovery(new URL(issuer), client_id, metadata, await authentication(credentials), insecure);
    if (dpop) proofs = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
    return config.serverMetadata();
  },
  async register({ issuer, metadata, token }) {
    config = await client.dynamicClientRegistration(new URL(issuer), metadata, undefined, {
      ...insecure,
      initialAccessToken: token,
    });
    return config.clientMetadata();
  },
  async expect_jarm() {
    client.useJwtResponseMode(config);
  },
  async expect_signatures() {
    client.enableNonRepudiationChecks(config);
  },
  async authorize({ pushed, signed_with, ...parameters }) {
    const verifier = client.randomPKCECodeVerifier();
    pending = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
    const request = {
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state: pending.expectedState,
      nonce: pending.expectedNonce,
      ...parameters,
    };
    if (signed_with) {
      const key = { key: await importJWK(signed_with), kid: signed_with.kid };
      const signed = await client.buildAuthorizationUrlWithJAR(config, request, key);
      if (!pushed) return signed.href;
      return (await client.buildAuthorizationUrlWithPAR(config, signed.searchParams, { DPoP: proofs })).href;
    }
    if (pushed) return (await client.buildAuthorizationUrlWithPAR(config, request, { DPoP: proofs })).href;
    return client.buildAuthorizationUrl(config, request).href;
  },
  async redeem({ callback, ...parameters }) {
    const checks = { ...pending, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(config, new URL(callback), checks, parameters, { DPoP: proofs });
    return { ...tokens, claims: tokens.claims() };
  },
  async refresh({ refresh_token }) {
    return client.refreshTokenGrant(config, refresh_token, undefined, { DPoP: proofs });
  },
  async client_credentials(parameters) {
    return client.clientCredentialsGrant(config, parameters, { DPoP: proofs });
  },
  async grant({ grant_type, ...parameters }) {
    return client.genericGrantRequest(config, grant_type, parameters, { DPoP: proofs });
  },
  async userinfo({ access_token, sub }) {
    return client.fetchUserInfo(config, access_token, sub, { DPoP: proofs });
  },
  async introspect({ token }) {
    return client.tokenIntrospection(config, token);
  },
  async revoke({ token }) {
    await client.tokenRevocation(config, token);
  },
  async end_session(parameters) {
    return client.buildEndSessionUrl(config, parameters).href;
  },
  async start_device(parameters) {
    pending = await client.initiateDeviceAuthorization(config, parameters);
    return pending;
  },
  async poll_device() {
    return client.pollDeviceAuthorizationGrant(config, pending, undefined, { signal: AbortSignal.timeout(60_000) });
  },
  async start_backchannel(parameters) {
    pending = await client.initiateBackchannelAuthentication(config, parameters);
    return pending;
  },
  async poll_backchannel() {
    const options = { signal: AbortSignal.timeout(60_000) };
    return client.pollBackchannelAuthenticationGrant(config, pending, undefined, options);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = { result: (await calls[asked.call](asked.with)) ?? null };
  } catch (failure) {
    const { name, code, message, error, error_description, status } = failure;
    answer = { error: { name, code, message, error, error_description, status, cause: String(failure.cause ?? "") } };
  }
  console.log(JSON.stringify(answer));
}
