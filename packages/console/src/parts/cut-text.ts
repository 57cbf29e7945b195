/** A text of at most so many characters, the last of them an ellipsis where something was left out. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text
  // A pair of surrogates is one character and is not parted.
  return `${[...text.slice(0, most)].slice(0, -1).join('')}…`
}
