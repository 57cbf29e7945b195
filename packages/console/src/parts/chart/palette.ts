/** Colours that can be told apart, on light and on dark; each is used with a dash of its own as well. */
const light = ['#2459a6', '#b8560b', '#18794e', '#a3338b', '#7a6500', '#0b7285', '#c22f2f', '#5a6372']
const dark = ['#7fb0f5', '#f0a35e', '#4cc38a', '#e08bd0', '#d9c34a', '#5cc8d9', '#ff8080', '#97a1b1']
const dashes = [[], [6, 4], [2, 3], [10, 3, 2, 3]]

/** How to draw the series of this number. */
export function strokeOf(index: number, isDark: boolean): { stroke: string; dash: number[] } {
  const colours = isDark ? dark : light
  return {
    stroke: colours[index % colours.length] ?? '#888888',
    dash: dashes[Math.floor(index / 2) % dashes.length] ?? [],
  }
}
