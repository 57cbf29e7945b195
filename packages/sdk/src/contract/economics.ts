import { z } from 'zod'

const Rate = z.number().nullable()
const Severities = z.object({ critical: z.number(), high: z.number(), medium: z.number(), low: z.number() })

export const CostView = z.object({
  view: z.literal('cost'),
  rows: z.array(
    z.object({
      taskSlug: z.string(),
      day: z.string(),
      runs: z.number(),
      costUsd: Rate,
      findings: z.number(),
      caughtFalseCompletions: z.number(),
    }),
  ),
})

export const FunnelView = z.object({
  view: z.literal('funnel'),
  runs: z.number(),
  iterations: z.number(),
  routeBacks: z.number(),
  humanWaitS: z.number(),
  gateFires: z.number(),
  findings: Severities,
  firstPassRate: Rate,
})

export const ValueView = z.object({
  view: z.literal('value'),
  rows: z.array(
    z.object({
      modelTier: z.string(),
      kitCondition: z.string(),
      runs: z.number(),
      accepted: z.number(),
      acceptanceRate: Rate,
      iterationsPerAccepted: Rate,
      findings: z.number(),
      costPerAccepted: Rate,
    }),
  ),
  /** costPerAccepted of large/bare over small/+kit. */
  headline: z.object({ ratio: Rate, verdict: z.enum(['exceeds', 'meets', 'below', 'unknown']) }),
})

export const DelegationsView = z.object({
  view: z.literal('delegations'),
  rows: z.array(
    z.object({
      role: z.string(),
      model: z.string(),
      outcomes: z.object({
        accepted: z.number(),
        rework: z.number(),
        diverged: z.number(),
        failed: z.number(),
        unavailable: z.number(),
      }),
      acceptanceRate: Rate,
      costUsd: Rate,
      costBasis: z.literal('model-proxy'),
    }),
  ),
  coverage: z.object({ measurable: z.number(), unavailable: z.number() }),
})

export const EconomicsAnswer = z.discriminatedUnion('view', [
  CostView,
  FunnelView,
  ValueView,
  DelegationsView,
])
export type EconomicsAnswer = z.infer<typeof EconomicsAnswer>
