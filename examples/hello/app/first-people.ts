/** Who is at the desk from the start; ids are principals. */
export const firstPeople = [
  { id: 'ada', name: 'Ada Byron', role: 'lead' },
  { id: 'bo', name: 'Bo Lindqvist', role: 'member' },
  { id: 'chika', name: 'Chika Okafor', role: 'member' },
] as const
