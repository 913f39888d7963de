// node-oidc-provider as its documentation would have it in production, told by a file: node server.mjs settings.json
// What the benchmark does not ask for is off; features, key, tokens and client authentication are those of ours.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";
import { redisAdapter } from "./adapter.mjs";
import { interactions } from "./interactions.mjs";

const settings = JSON.parse(readFileSync(process.argv[2], "utf8"));
const people = new Set(settings.people);
const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });

const machineScope = {
  scope: settings.scope,
  audience: settings.audience,
  accessTokenFormat: "jwt",
  accessTokenTTL: 600,
  jwt: { sign: { alg: "ES256" } },
};

async function findAccount(_ctx, id) {
  if (!people.has(id)) return undefined;
  const claims = { sub: id, name: `Bench ${id}`, email: `p${id}@bench.example`, email_verified: true };
  return { accountId: id, claims: async () => claims };
}

// Clients of the public sector ask nobody: the recipe for first-party clients in its documentation.
async function loadExistingGrant({ oidc }) {
  const known = oidc.result?.consent?.grantId || oidc.session.grantIdFor(oidc.client.clientId);
  if (known) return oidc.provider.Grant.find(known);
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope("openid profile email");
  await grant.save();
  return grant;
}

const provider = new Provider(settings.issuer, {
  adapter: redisAdapter(settings.redis),
  clients: settings.clients,
  clientDefaults: { id_token_signed_response_alg: "ES256" },
  clientAuthMethods: ["client_secret_basic", "private_key_jwt"],
  responseTypes: ["code"],
  jwks: { keys: [{ ...key, alg: "ES256", use: "sig", kid: "peer" }] },
  cookies: { keys: [randomBytes(32).toString("base64url")] },
  claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"] },
  findAccount,
  loadExistingGrant,
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  expiresWithSession: async () => false,
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  routes: {
    authorization: "/authorize",
    introspection: "/introspect",
    pushed_authorization_request: "/par",
    userinfo: "/userinfo",
  },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    dPoP: { enabled: true },
    introspection: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: async () => machineScope,
      defaultResource: async (_ctx, _client, oneOf) => oneOf,
    },
    rpInitiatedLogout: { enabled: false },
  },
  ttl: {
    AccessToken: 600,
    AuthorizationCode: 60,
    ClientCredentials: 600,
    Grant: 14 * 86_400,
    IdToken: 600,
    Interaction: 600,
    RefreshToken: 14 * 86_400,
    Session: 12 * 3_600,
  },
});

const answer = provider.callback();
const interact = interactions(provider, settings);
const server = createServer((request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  return interact(request, response).catch((failure) => {
    console.error(failure);
    response.statusCode = 500;
    response.end();
  });
});
server.keepAliveTimeout = 65_000;
server.listen(settings.port, "127.0.0.1");
