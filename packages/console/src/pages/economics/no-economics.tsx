import { appendCommand } from '../../parts/append-command.ts'
import { Empty } from '../../parts/empty.tsx'
import { Section } from '../../parts/section.tsx'

/** Says that no run has told its cost, with a complete record that would. */
export function NoEconomics(props: { readonly title: string }) {
  return (
    <Section title={props.title}>
      <Empty title="No run of this period has told what it cost" command={appendCommand(exampleRecord())}>
        A run tells its cost and its defects together, once; one without the other is refused.
      </Empty>
    </Section>
  )
}

function exampleRecord(): object {
  return {
    schema: 'console.economics',
    version: '0.1',
    producer: { id: 'runner', product: 'flow' },
    run_id: 'run-1',
    at: new Date().toISOString(),
    task_slug: 'checkout-page',
    model_tier: 'small',
    kit_condition: '+kit',
    acceptance_label: 'accepted',
    cost: {
      input_tokens: 41_000,
      output_tokens: 5_200,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      estimated_cost_usd: 0.42,
      by_model: [],
    },
    time: { wall_clock_s: 640, human_wait_s: 90 },
    iterations: { count: 1, route_backs: 0 },
    defects: {
      gate_fires: 1,
      findings_by_severity: { critical: 0, high: 0, medium: 1, low: 0 },
      caught_false_completions: 0,
      verification_verdict: 'PASS',
    },
  }
}
