// The OAuth 2.0 / OpenID Connect server of the integration tests: the certified package oidc-provider, on loopback.
//
//   node server.mjs --modules FOLDER --cert CERT.pem --key KEY.pem
//
// FOLDER holds node_modules. It listens on two free ports, prints one line of JSON with their addresses, and ends when its
// standard input ends. The https one is the issuer; the clear-text one is for Dovecot's token introspection (RFC 7662).
// Clients register themselves (RFC 7591). Accounts are all addresses; every password is right.
//
// Beside the standard:
//   POST /dev/client  {"client_id", "access_ttl"?, "rotate"?}  seconds an access token lives; whether refresh tokens rotate
//   POST /dev/expire  {"account"}  ends the account's access tokens
//   POST /dev/revoke  {"account"}  ends the account's grants, as a person does at a provider
//   POST /dev/person  {"account", …}                       what ID tokens and user information say of an account besides
//   GET  /dev/refresh?account=     how many refresh tokens of the account are good
//   GET  /dev/tokens?client_id=    how many token requests the client has made
import { createRequire } from 'node:module';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';

const { values: options } = parseArgs({
  options: { modules: { type: 'string' }, cert: { type: 'string' }, key: { type: 'string' } },
});
const resolve = createRequire(join(options.modules, 'package.json')).resolve;
const { Provider } = await import(pathToFileURL(resolve('oidc-provider')).href);

const INTROSPECTOR = { id: 'dovecot', secret: 'introspection-of-the-tests' };
const MAIL_SCOPE = 'mail';
const clients = new Map(); // client_id → { access_ttl, rotate, requests }
const grants = new Map(); // account → ids of its grants
const tokens = new Map(); // account → its access tokens
const refreshers = new Map(); // account → ids of its refresh tokens
const people = new Map(); // account → claims that differ from those of everybody

const settings = (clientId) => {
  if (!clients.has(clientId)) clients.set(clientId, { access_ttl: 3600, rotate: false, requests: 0 });
  return clients.get(clientId);
};

function listen(server) {
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
}

const secure = https.createServer({ cert: readFileSync(options.cert), key: readFileSync(options.key) });
const plain = http.createServer();
const issuer = `https://localhost:${await listen(secure)}`;
const introspection = `http://127.0.0.1:${await listen(plain)}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: INTROSPECTOR.id,
    client_secret: INTROSPECTOR.secret,
    redirect_uris: [],
    response_types: [],
    grant_types: [],
  }],
  scopes: ['openid', 'profile', 'email', 'groups', 'offline_access', MAIL_SCOPE],
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
  conformIdTokenClaims: false,
  cookies: { keys: [randomBytes(32).toString('hex')] },
  clientDefaults: { grant_types: ['authorization_code', 'refresh_token'] },
  features: {
    devInteractions: { enabled: true },
    introspection: { enabled: true, allowedPolicy: (_, client) => client.clientId === INTROSPECTOR.id },
    registration: { enabled: true },
    resourceIndicators: { enabled: false },
    revocation: { enabled: true },
  },
  pkce: { required: () => true },
  ttl: {
    AccessToken: (_, __, client) => settings(client.clientId).access_ttl,
    AuthorizationCode: 60,
    Grant: 86_400,
    IdToken: 3600,
    Interaction: 3600,
    RefreshToken: 86_400,
    Session: 86_400,
  },
  rotateRefreshToken: (ctx) => settings(ctx.oidc.client.clientId).rotate,
  issueRefreshToken: (_, client, code) => client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, email: sub, email_verified: true, ...people.get(sub) }) }),
});

// Dovecot reads whose token it is from `username` (RFC 7662, section 2.2).
provider.use(async (ctx, next) => {
  await next();
  if (ctx.path === '/token/introspection' && ctx.body?.active) ctx.body.username = ctx.body.sub;
});
const note = (map, account, value) => map.set(account, [...(map.get(account) ?? []), value]);
provider.on('access_token.saved', (token) => note(tokens, token.accountId, token));
provider.on('refresh_token.saved', (token) => note(refreshers, token.accountId, token.jti));
provider.on('grant.saved', (grant) => note(grants, grant.accountId, grant.jti));
const count = ({ oidc }) => { if (oidc?.client) settings(oidc.client.clientId).requests += 1; };
provider.on('grant.success', count);
provider.on('grant.error', count);

async function expire(account) {
  const live = tokens.get(account) ?? [];
  tokens.delete(account);
  for (const token of live) await token.destroy();
  return { ended: live.length };
}

// The store behind it ends everything that was issued under a grant, whichever kind is named.
async function revoke(account) {
  const live = grants.get(account) ?? [];
  grants.delete(account);
  for (const id of live) {
    await provider.RefreshToken.revokeByGrantId(id);
    await (await provider.Grant.find(id))?.destroy();
  }
  return { ended: live.length };
}

async function refreshable(account) {
  const ids = [...new Set(refreshers.get(account))];
  const found = await Promise.all(ids.map((id) => provider.RefreshToken.find(id)));
  return { live: found.filter((token) => token?.isValid).length };
}

async function body(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString() || '{}');
}

async function dev(request, url) {
  switch (`${request.method} ${url.pathname}`) {
    case 'POST /dev/client': {
      const { client_id: id, ...wanted } = await body(request);
      return Object.assign(settings(id), wanted);
    }
    case 'POST /dev/person': {
      const { account, ...claims } = await body(request);
      people.set(account, claims);
      return claims;
    }
    case 'POST /dev/expire': return expire((await body(request)).account);
    case 'POST /dev/revoke': return revoke((await body(request)).account);
    case 'GET /dev/refresh': return refreshable(url.searchParams.get('account'));
    case 'GET /dev/tokens': return { requests: settings(url.searchParams.get('client_id')).requests };
    default: return null;
  }
}

const standard = provider.callback();
async function answer(request, response) {
  const url = new URL(request.url, issuer);
  if (!url.pathname.startsWith('/dev/')) return standard(request, response);
  const said = await dev(request, url);
  response.writeHead(said ? 200 : 404, { 'content-type': 'application/json' });
  return response.end(JSON.stringify(said));
}

for (const server of [secure, plain]) server.on('request', answer);
process.stdin.on('end', () => process.exit(0)).resume();
console.log(JSON.stringify({
  issuer, introspection: `${introspection}/token/introspection`, discovery: `${introspection}/.well-known/openid-configuration`,
  introspector: INTROSPECTOR,
}));
// Nobody reads on after that line: what the package notices goes where its warnings go.
console.log = console.info = console.error;
