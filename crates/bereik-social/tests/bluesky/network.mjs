// The servers of Bluesky on loopback: a directory of accounts, a server of accounts, and the server that makes notifications of
// what is posted. Says where, and ends with its standard input.
import { createRequire } from 'node:module'
import net from 'node:net'

const require = createRequire(process.cwd() + '/')

// They would listen on every address.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'number') {
    if (typeof rest[0] === 'string') rest.shift()
    return listen.call(this, first, '127.0.0.1', ...rest)
  }
  const isPlace = first && typeof first === 'object' && 'port' in first
  return listen.call(this, isPlace ? { ...first, host: '127.0.0.1' } : first, ...rest)
}

process.stdin.on('end', () => process.exit(0)).resume()

const { TestPlc, TestPds, TestBsky, mockNetworkUtilities } = require('@atproto/dev-env')
const getPort = require('get-port')
const port = await getPort()
const modServiceDid = 'did:example:moderator'
const plc = await TestPlc.create({})
const bsky = await TestBsky.create({
  plcUrl: plc.url,
  repoProvider: `ws://localhost:${port}`,
  dbPostgresUrl: process.env.DATABASE,
  dbPostgresSchema: 'bsky',
  modServiceDid,
})
const pds = await TestPds.create({
  port,
  didPlcUrl: plc.url,
  bskyAppViewUrl: bsky.url,
  bskyAppViewDid: bsky.serverDid,
  modServiceDid,
  modServiceUrl: 'http://127.0.0.1:9',
  rateLimitsEnabled: false,
})
mockNetworkUtilities(pds, bsky)
console.log(pds.url)
