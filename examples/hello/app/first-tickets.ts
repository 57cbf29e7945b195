const hours = 60
const days = 24 * hours

interface FirstTicket {
  readonly title: string
  readonly body: string
  readonly state: 'open' | 'doing' | 'done'
  readonly priority: 'low' | 'normal' | 'high'
  readonly opener: string
  readonly assignee: string | null
  /** Minutes. */
  readonly ago: number
  readonly said: readonly { readonly author: string; readonly text: string; readonly ago: number }[]
}

/** What the desk has to do from the start, the oldest first. */
export const firstTickets: readonly FirstTicket[] = [
  {
    title: 'Badge reader at the side door beeps twice',
    body: 'It still opens. It has done so since the power cut.',
    state: 'open',
    priority: 'low',
    opener: 'chika',
    assignee: null,
    // Older than the desk lets things lie: the next tick closes it.
    ago: 15 * days,
    said: [],
  },
  {
    title: 'New starter on Monday needs a laptop',
    body: 'Design team. The large screen, please.',
    state: 'done',
    priority: 'normal',
    opener: 'ada',
    assignee: 'bo',
    ago: 4 * days,
    said: [{ author: 'bo', text: 'On the desk by the window, with the dock.', ago: 2 * days }],
  },
  {
    title: 'Calendar shows meetings an hour late',
    body: 'Only those that were made on a phone. It began when the clocks changed.',
    state: 'doing',
    priority: 'normal',
    opener: 'chika',
    assignee: 'chika',
    ago: 26 * hours,
    said: [
      { author: 'ada', text: 'Does it happen with meetings that others made, too?', ago: 5 * hours },
      { author: 'chika', text: 'No, only with one’s own. I have asked the vendor.', ago: 4 * hours },
    ],
  },
  {
    title: 'Printer on the second floor is on fire again',
    body: 'Not really. But it smells so, and the tray says “PC LOAD LETTER”.',
    state: 'doing',
    priority: 'high',
    opener: 'bo',
    assignee: 'bo',
    ago: 3 * hours,
    said: [{ author: 'bo', text: 'Switched off and unplugged. The technician comes at two.', ago: 50 }],
  },
  {
    title: 'Wi-Fi drops in the small meeting room',
    body: 'Every ten minutes or so. Three people saw it this morning.',
    state: 'open',
    priority: 'normal',
    opener: 'ada',
    assignee: null,
    ago: 2 * hours,
    said: [{ author: 'chika', text: 'The access point there is the oldest that we have.', ago: 70 }],
  },
  {
    title: 'Cannot open the quarterly figures',
    body: 'It says that I have no right to. I had it last week.',
    state: 'open',
    priority: 'high',
    opener: 'bo',
    assignee: null,
    ago: 25,
    said: [],
  },
]
