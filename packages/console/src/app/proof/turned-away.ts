/** The person closed the proof dialog: nothing was done, and nothing failed. */
export class TurnedAway extends Error {
  constructor() {
    super('Nothing was done')
    this.name = 'TurnedAway'
  }
}
