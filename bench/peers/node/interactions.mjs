// The pages on which a person signs in and consents: node-oidc-provider leaves them to the one who runs it.
import { timingSafeEqual } from "node:crypto";

const page = (form) => `<!doctype html><html lang="en"><title>Peer</title><main><h1>Peer</h1>${form}</main></html>`;
const forms = {
  login: (action) => `<form id="sign-in" method="post" action="${action}">
    <input name="username" autocomplete="username"><input name="password" type="password"><button>Sign in</button></form>`,
  consent: (action) => `<form id="consent" method="post" action="${action}"><button>Allow</button></form>`,
};

function matches(given, wanted) {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)];
  return left.length === right.length && timingSafeEqual(left, right);
}

async function fieldsOf(request) {
  let body = "";
  for await (const piece of request.setEncoding("utf8")) body += piece;
  return new URLSearchParams(body);
}

async function consentedGrant(provider, { grantId, params, session, prompt }) {
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(" "));
  return grant.save();
}

export function interactions(provider, { people, password }) {
  const known = new Set(people);

  async function result(request, interaction) {
    if (interaction.prompt.name === "consent") {
      return { consent: { grantId: await consentedGrant(provider, interaction) } };
    }
    const fields = await fieldsOf(request);
    const username = fields.get("username") ?? "";
    const right = matches(fields.get("password") ?? "", password) && known.has(username);
    return right ? { login: { accountId: username } } : { error: "access_denied" };
  }

  return async function interact(request, response) {
    const interaction = await provider.interactionDetails(request, response);
    if (request.method === "POST") {
      await provider.interactionFinished(request, response, await result(request, interaction));
    } else {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(page(forms[interaction.prompt.name](request.url)));
    }
  };
}
