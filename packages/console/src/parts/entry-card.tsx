import { type ReactNode, useEffect } from 'react'
import classes from './entry-card.module.css'

/** The frame of the pages before one is signed in: a card in the middle, with the title of what is to be done. */
export function EntryCard(props: { readonly title: string; readonly children: ReactNode }) {
  const { title, children } = props
  useEffect(() => {
    document.title = `${title} · Quarterdeck`
  }, [title])
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <h1 className={classes.title}>
          <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={28} height={28} />
          {title}
        </h1>
        {children}
      </div>
    </main>
  )
}
