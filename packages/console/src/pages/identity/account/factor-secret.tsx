import { QRCodeSVG } from 'qrcode.react'
import { Command } from '../../../parts/command.tsx'
import classes from './factor-secret.module.css'

/** The new secret: as a picture for the app's camera, and as text for those who type. */
export function FactorSecret(props: { readonly made: { readonly secret: string; readonly uri: string } }) {
  const { secret, uri } = props.made
  return (
    <>
      <p>
        Scan this with an authenticator app, or type the text into it. It counts once you have typed its first
        code.
      </p>
      <div className={classes.picture}>
        {/* Dark on white in every scheme, with the quiet margin that cameras look for. */}
        <QRCodeSVG value={uri} size={200} marginSize={4} title="QR code of the new factor" />
      </div>
      <Command text={spaced(secret)} label="The same as text" />
    </>
  )
}

/** In fours, as people read; apps do not mind the spaces. */
function spaced(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? secret
}
