import type { SessionItem } from '@quarterdeck/sdk/contract/identity'
import type { Found, View } from '../store.ts'
import { isOpen } from './sessions.ts'

/** What an operator has open, in one tenant or (null) in all: browser sessions, and families of program tokens. */
export interface OpenSessions {
  readonly sessions: readonly Found<'sessions'>[]
  readonly families: readonly Found<'families'>[]
}

/** Reads what is open. */
export async function readOpen(
  view: View,
  operator: Found<'operators'>,
  tenant: string | null,
  now: number,
): Promise<OpenSessions> {
  const here = (one: { readonly tenant: string; readonly epoch: number }) =>
    one.epoch === operator.epoch && (tenant === null || one.tenant === tenant)
  const sessions = await view.where('sessions', 'actor', operator.id)
  const families = await view.where('families', 'subject', `operator:${operator.id}`)
  return {
    sessions: sessions.filter((one) => one.kind === 'operator' && isOpen(one, now) && here(one)),
    families: families.filter(
      (one) => one.revokedAt === null && one.endsAt > now && one.idleUntil > now && here(one),
    ),
  }
}

/** Ends them within the change of `view`. */
export function endOpen(view: View, { sessions, families }: OpenSessions, now: number): void {
  for (const one of sessions) view.set('sessions', one.id, { ...one, revokedAt: now })
  for (const one of families) view.set('families', one.id, { ...one, revokedAt: now })
}

/** What is open as a person sees it, the newest first; `current` is the credential that asks. */
export function itemsOf({ sessions, families }: OpenSessions, current: string): SessionItem[] {
  const iso = (at: number) => new Date(at).toISOString()
  const browsers = sessions.map((one) => ({
    id: one.id,
    amr: one.amr,
    tenant: one.tenant,
    client: one.client,
    createdAt: one.createdAt,
    lastSeenAt: one.lastSeenAt,
    endsAt: one.endsAt,
  }))
  const programs = families.map((one) => ({
    id: one.id,
    amr: ['token'],
    tenant: one.tenant,
    client: 'A program with a token',
    createdAt: one.createdAt,
    lastSeenAt: Math.max(one.createdAt, one.usedAt ?? 0, one.retiredAt ?? 0),
    endsAt: one.endsAt,
  }))
  return [...browsers, ...programs]
    .sort((a, b) => b.createdAt - a.createdAt)
    .map((one) => ({
      ...one,
      createdAt: iso(one.createdAt),
      lastSeenAt: iso(one.lastSeenAt),
      endsAt: iso(one.endsAt),
      current: one.id === current,
    }))
}
