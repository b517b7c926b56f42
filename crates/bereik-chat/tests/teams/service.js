// The other end of Teams: Bot Framework's service, Entra and Graph as Microsoft documents them. What comes in is checked by
// Microsoft's own packages: bodies by the mappers of botframework-connector, cards by the parser of adaptivecards. It says its
// port when it listens, and ends with its standard input.
const crypto = require('node:crypto');
const http = require('node:http');
const cards = require('adaptivecards/dist/adaptivecards.js');
const jwt = require('jsonwebtoken');
const connector = require('botframework-connector');
const mappers = require('botframework-connector/lib/connectorApi/models/mappers');

const APP = '7c1f2a4e-0000-4000-8000-000000000001';
const TENANT = '8c6f0d5e-0000-4000-8000-0000000000aa';
const SECRET = 'secret & more';
const ANNA = '5f3e9a10-0000-4000-8000-0000000000bb';
const CHAT = 'a:1chat-with_anna';

// Complaints of the package go to the console, which nobody reads here.
console.error = () => {};

const pair = () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const signers = { good: pair(), other: pair(), unknown: pair() };
const jwk = (id, endorsements) =>
    ({ ...signers[id].publicKey.export({ format: 'jwk' }), kid: id, use: 'sig', endorsements });
let keys = [jwk('good', ['msteams', 'webchat']), jwk('other', ['skype'])];

let base, violations = [], messages = [], asked = {}, requests = [], tokens = 0, revoked = new Set(), presences = {}, statuses = [];
const count = name => { asked[name] = (asked[name] || 0) + 1; };

// What of a body Microsoft's mapper does not know, or knows otherwise.
function check(type, value, path) {
    const wrong = what => violations.push(`${path}: ${what}`);
    if (value === null || value === undefined) return;
    switch (type.name) {
    case 'Composite': {
        const mapper = mappers[type.className];
        const properties = Object.values(mapper.type.modelProperties);
        for (const [key, inner] of Object.entries(value)) {
            const known = properties.find(property => property.serializedName === key);
            if (known) check(known.type, inner, `${path}.${key}`);
            else wrong(`${type.className} has no ${key}`);
        }
        for (const property of properties)
            if (property.required && value[property.serializedName] === undefined) wrong(`no ${property.serializedName}`);
        return;
    }
    case 'Sequence':
        if (!Array.isArray(value)) return wrong('no list');
        return value.forEach((one, at) => check(type.element.type, one, `${path}[${at}]`));
    case 'String': case 'Boolean': case 'Number':
        if (typeof value !== type.name.toLowerCase()) wrong(`no ${type.name}`);
        return;
    case 'DateTime':
        if (Number.isNaN(Date.parse(value))) wrong('no instant');
    }
}

function checkCard(card) {
    const context = new cards.SerializationContext(), parsed = new cards.AdaptiveCard();
    parsed.parse(card, context);
    for (let at = 0; at < context.eventCount; at++) violations.push(`card: ${context.getEventAt(at).message}`);
    parsed.validateProperties().validationEvents.forEach(event => violations.push(`card: ${event.message}`));
    const actions = Array.from({ length: parsed.getActionCount() }, (_, at) => parsed.getActionAt(at));
    const text = Array.from({ length: parsed.getItemCount() }, (_, at) => parsed.getItemAt(at))
        .map(block => Array.from({ length: block.getInlineCount() }, (_, at) => block.getInlineAt(at).text).join(''));
    return { text: text.join('\n'), actions: actions.map(action => ({ verb: action.verb, title: action.title, data: action.data })) };
}

function keep(id, activity) {
    check({ name: 'Composite', className: 'Activity' }, activity, 'activity');
    const found = (activity.attachments || []).map(one => checkCard(one.content))[0];
    if (activity.textFormat && activity.textFormat !== 'plain') violations.push('words that are read as markup');
    const kept = { id, text: found ? found.text : activity.text, actions: found ? found.actions : [], replyToId: activity.replyToId };
    const at = messages.findIndex(message => message.id === id);
    if (at < 0) messages.push(kept); else messages[at] = kept;
}

const failed = (status, code) => [status, { error: { code, message: 'words of Microsoft' } }];

function bot(method, path, body) {
    const [, , , ...rest] = path;
    if (rest.length === 0 && method === 'POST') {
        check({ name: 'Composite', className: 'ConversationParameters' }, body, 'conversation');
        const member = body.members[0].id;
        return member === ANNA ? [201, { id: CHAT }] : failed(403, 'ForbiddenOperationException');
    }
    const [conversation, , activity] = rest;
    if (conversation !== CHAT) return failed(404, 'ConversationNotFound');
    if (method === 'PUT' && !messages.some(message => message.id === activity)) return failed(404, 'ActivityNotFound');
    const id = method === 'PUT' ? activity : String(1795000000000 + messages.length);
    keep(id, body);
    return [method === 'PUT' ? 200 : 201, { id }];
}

function graph(body) {
    if (Object.keys(body).join() !== 'ids' || body.ids.length > 650) return failed(400, 'BadRequest');
    return [200, { value: body.ids.filter(id => presences[id]).map(id => ({ id, ...presences[id] })) }];
}

function token(tenant, form) {
    count('token');
    const right = form.get('grant_type') === 'client_credentials' && form.get('client_id') === APP && form.get('client_secret') === SECRET;
    if (!right || tenant !== TENANT) return [401, { error: 'invalid_client', error_description: SECRET }];
    tokens += 1;
    return [200, { token_type: 'Bearer', expires_in: 3599, access_token: `${form.get('scope')}#${tokens}` }];
}

function known(scope, header) {
    return header === `Bearer ${scope}#${tokens}` && !revoked.has(header);
}

async function official({ authorization, serviceUrl, channelId }) {
    const credentials = { isValidAppId: async id => id === APP, isAuthenticationDisabled: async () => false };
    connector.ChannelValidation.OpenIdMetadataEndpoint = `${base}/openid`;
    try {
        const identity = await connector.ChannelValidation.authenticateChannelTokenWithServiceUrl(authorization, credentials, serviceUrl, channelId);
        return [200, { good: identity.isAuthenticated }];
    } catch (error) {
        return [200, { good: false, why: String(error.message) }];
    }
}

// What Microsoft's own client asks of the same service.
async function client() {
    const credentials = { signRequest: async request => { request.headers.set('authorization', `Bearer https://api.botframework.com/.default#${tokens}`); return request; } };
    const client = new connector.ConnectorClient(credentials, { baseUri: `${base}/teams` });
    const before = requests.length;
    const { id } = await client.conversations.createConversation({ isGroup: false, bot: { id: `28:${APP}` }, members: [{ id: ANNA }], tenantId: TENANT });
    const sent = await client.conversations.sendToConversation(id, { type: 'message', text: 'hello', textFormat: 'plain' });
    await client.conversations.replyToActivity(id, sent.id, { type: 'message', text: 'hello', textFormat: 'plain' });
    await client.conversations.updateActivity(id, sent.id, { type: 'message', text: 'gone' });
    return [200, { requests: requests.slice(before) }];
}

const test = {
    async sign({ claims, header, key, secret, algorithm }) {
        const by = secret || signers[key].privateKey;
        // As text the claims are signed whatever they are.
        const options = { algorithm: algorithm || 'RS256', keyid: key, header: { typ: 'JWT', ...header } };
        return [200, { token: jwt.sign(JSON.stringify(claims), by, options), now: Math.floor(Date.now() / 1000) }];
    },
    official,
    client,
    async check({ activity }) {
        check({ name: 'Composite', className: 'Activity' }, activity, 'posted');
        return [200, {}];
    },
    async keys({ named }) { keys = named.map(id => jwk(id, ['msteams'])); return [200, {}]; },
    async revoke() { revoked.add(`Bearer https://api.botframework.com/.default#${tokens}`); return [200, {}]; },
    async presences(all) { presences = all; return [200, {}]; },
    async status(one) { statuses.push(one); return [200, {}]; },
    async told() { return [200, { messages, violations, asked, requests }]; },
};

async function answer(method, url, headers, text) {
    const path = url.pathname.split('/').map(decodeURIComponent).filter(Boolean);
    const json = () => JSON.parse(text || '{}');
    if (path[0] === 'test') return test[path[1]](json());
    if (url.pathname === '/openid') {
        count('openid');
        return [200, { issuer: 'https://api.botframework.com', jwks_uri: `${base}/keys`, id_token_signing_alg_values_supported: ['RS256'] }];
    }
    if (url.pathname === '/keys') { count('keys'); return [200, { keys }]; }
    if (url.pathname.endsWith('/oauth2/v2.0/token')) return token(path[0], new URLSearchParams(text));
    requests.push({ method, path: url.pathname, body: json() });
    if (statuses.length > 0) { const { status, body } = statuses.shift(); return [status, body]; }
    if (path[0] === 'v1.0') return known('https://graph.microsoft.com/.default', headers.authorization) ? graph(json()) : failed(401, 'InvalidAuthenticationToken');
    if (!known('https://api.botframework.com/.default', headers.authorization)) return failed(401, 'Unauthorized');
    return bot(method, path, json());
}

const server = http.createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', part => { text += part; }).on('end', async () => {
        let status, body;
        try {
            [status, body] = await answer(request.method, new URL(request.url, base), request.headers, text);
        } catch (error) {
            [status, body] = [500, { broken: String(error.stack) }];
        }
        const headers = { 'content-type': 'application/json' };
        if (status === 429) headers['retry-after'] = '7';
        response.writeHead(status, headers).end(JSON.stringify(body));
    });
});
server.listen(0, '127.0.0.1', () => {
    base = `http://127.0.0.1:${server.address().port}`;
    console.log(server.address().port);
});
process.stdin.on('end', () => process.exit(0)).resume();
