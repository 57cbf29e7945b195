import { afterEach, describe, expect, it } from 'vitest'
import { type Mail, MailLost, MailRefused, type Message } from './mail.ts'

/** One way of sending under test. */
export interface MailStand {
  open(): Promise<Mail>
  /** What arrived, the oldest first; line ends as LF. */
  arrived(): Promise<readonly Message[]>
  /** Makes the other side go away. */
  lose(): Promise<void>
  /** Lets it come back. */
  find(): Promise<void>
  dispose(): Promise<void>
}

const message: Message = { to: 'ann@example.com', subject: 'Sign in', text: 'Open this link.\n' }
const numbered = (n: number): Message => ({ ...message, subject: `Sign in ${n}` })

/**
 * The suite of the port `mail`: every adapter runs it. `refused` is an address that the other side refuses for good;
 * an adapter that has no other side takes all.
 */
export function mailSuite(
  name: string,
  stand: () => Promise<MailStand>,
  { refused }: { readonly refused?: string } = {},
) {
  describe(`mail by ${name}`, () => {
    const stands: MailStand[] = []
    const mails: Mail[] = []
    afterEach(async () => {
      for (const mail of mails.splice(0)) await mail.close()
      for (const one of stands.splice(0)) await one.dispose()
    })
    async function start() {
      const one = await stand()
      stands.push(one)
      const open = async () => {
        const mail = await one.open()
        mails.push(mail)
        return mail
      }
      return { one, open, mail: await open() }
    }

    it('brings a message to its address with its subject and text', async () => {
      const { one, mail } = await start()
      await mail.check()
      expect(await one.arrived()).toEqual([])
      await mail.send(message)
      expect(await one.arrived()).toEqual([message])
    })

    it.each([
      ['other scripts', 'Größe 中文 😀'],
      ['lines that are only a dot', 'one\n.\n..\ntwo'],
      ['long lines', `https://console.example.com/console/sign-in#${'x'.repeat(2_000)}`],
      ['what looks like an encoding', '=20 =?utf-8?Q?x?= %0d%0a'],
      ['blank lines and spaces at the ends of lines', '\n\n  a  \n\n b \n\n'],
    ])('keeps %s', async (_, text) => {
      const { one, mail } = await start()
      await mail.send({ ...message, subject: 'Größe 中文 😀 =?utf-8?Q?x?=', text: `${text}\n` })
      expect(await one.arrived()).toEqual([
        { ...message, subject: 'Größe 中文 😀 =?utf-8?Q?x?=', text: `${text}\n` },
      ])
    })

    it('lets no subject and no address add a header or a reader', async () => {
      const { one, mail } = await start()
      await mail.send({ ...message, subject: 'Hello\r\nBcc: eve@example.com' }).catch(() => undefined)
      await mail.send({ ...message, to: 'ann@example.com, eve@example.com' }).catch(() => undefined)
      const readers = (await one.arrived()).map(({ to }) => to)
      expect(readers.filter((to) => to.includes('eve') && !to.includes('ann'))).toEqual([])
    })

    it('brings messages that are sent at once, each once', async () => {
      const { one, mail, open } = await start()
      const other = await open()
      await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? mail : other).send(numbered(n))))
      const subjects = (await one.arrived()).map(({ subject }) => subject)
      expect(subjects.sort()).toEqual(Array.from({ length: 20 }, (_, n) => `Sign in ${n}`).sort())
    })

    it('says that the other side is away, and goes on when it is back', async () => {
      const { one, mail } = await start()
      await one.lose()
      await expect(mail.send(numbered(1))).rejects.toThrow(MailLost)
      await expect(mail.check()).rejects.toThrow(MailLost)
      await one.find()
      await mail.check()
      await mail.send(numbered(2))
      expect((await one.arrived()).map(({ subject }) => subject)).toEqual(['Sign in 2'])
    })

    if (refused !== undefined)
      it('tells a message that is refused for good, and sends the next', async () => {
        const { one, mail } = await start()
        await expect(mail.send({ ...message, to: refused })).rejects.toThrow(MailRefused)
        await mail.send(numbered(2))
        expect((await one.arrived()).map(({ subject }) => subject)).toEqual(['Sign in 2'])
      })

    it('sends nothing once it is closed', async () => {
      const { one, mail } = await start()
      await mail.close()
      await expect(mail.send(message)).rejects.toThrow(MailLost)
      await expect(mail.check()).rejects.toThrow(MailLost)
      expect(await one.arrived()).toEqual([])
    })
  })
}
