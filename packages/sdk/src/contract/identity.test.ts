import { describe, expect, it } from 'vitest'
import { operations } from '../contract.ts'

/** Permission and effect of each operation of identity, as the design says them: R read, W write, D danger with its word. */
const said: Record<string, string> = {
  claim: 'public W',
  requestLink: 'public W',
  confirmLink: 'public W',
  login: 'public R',
  callback: 'public W',
  refresh: 'public W',
  openSession: 'public W',
  readSession: 'identity:self R',
  closeSession: 'public W',
  listSessions: 'identity:self R',
  revokeSession: 'identity:self W',
  revokeOthers: 'identity:self W',
  enrolTotp: 'identity:self W',
  confirmTotp: 'identity:self W',
  prove: 'identity:self W',
  issueTicket: 'identity:self W',
  listOperators: 'identity:read R',
  inviteOperator: 'identity:operators W',
  setRole: 'identity:operators D null',
  disableOperator: 'identity:operators D null',
  resetFactor: 'identity:operators D null',
  operatorSessions: 'identity:operators R',
  endSessions: 'identity:operators W',
  listMail: 'identity:operators R',
  listTokens: 'identity:read R',
  createToken: 'identity:tokens W',
  rotateToken: 'identity:tokens W',
  revokeToken: 'identity:tokens W',
  mintToken: 'identity:mint W',
  listKeys: 'identity:keys R',
  rotateKeys: 'identity:keys D ROTATE',
  jwks: 'public R',
}

describe('the contract', () => {
  it('says of each operation of identity what the design says', () => {
    const mine = operations().filter(({ name }) => name.startsWith('identity.'))
    const found = mine.map(({ name, permission, effect, proof }) => {
      const word = proof === undefined ? '' : ` ${proof.word}`
      return [name.slice('identity.'.length), `${permission} ${effect.charAt(0).toUpperCase()}${word}`]
    })
    expect(Object.fromEntries(found)).toEqual(said)
  })

  it('names one permission for each operation, of its own area or public', () => {
    for (const { name, permission } of operations())
      expect([name, permission]).toEqual([
        name,
        expect.stringMatching(new RegExp(`^(public|${name.split('.')[0]}:[A-Za-z-]+)$`)),
      ])
  })

  it('asks for a proof wherever there is danger, and takes operators alone there', () => {
    for (const { name, effect, proof, classes } of operations().filter((one) => one.effect === 'danger'))
      expect({ name, effect, proof: proof !== undefined, classes }).toEqual({
        name,
        effect: 'danger',
        proof: true,
        classes: ['operator'],
      })
  })

  it('has no two operations of one name or route', () => {
    const all = operations()
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    expect(new Set(all.map(({ route }) => route.replace(/:\w+/g, ':'))).size).toBe(all.length)
  })
})
