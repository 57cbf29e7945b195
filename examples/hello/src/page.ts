/** The page of hello's checks: ask it for something, or break it and watch the console. */
export function page(consoleUrl: string, missing: readonly string[]): string {
  const state =
    missing.length === 0 ? 'It knows all its languages.' : `It has forgotten: ${missing.join(', ')}.`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>hello</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
  form { display: inline-block; margin: 0 .5rem .5rem 0 }
  button, input, select { font: inherit; padding: .4rem .8rem }
</style>
<h1>hello</h1>
<p>A small service that greets people. Its requests are traced with OpenTelemetry, and its checks tell
<a href="${consoleUrl}/console/">the console</a> what they find. ${state}</p>
<form action="/greet"><input name="name" value="Ada" aria-label="Name">
<select name="language" aria-label="Language"><option>en<option>de<option>fr<option>ja<option>pl</select>
<button>Greet</button></form>
<h2>Make something happen</h2>
<form method="post" action="/check"><button>Run the checks</button></form>
<form method="post" action="/forget"><button>Forget German</button></form>
<form method="post" action="/remember"><button>Remember German</button></form>
<p>Forgetting German makes a gate fail and a claim disputed; remembering it mends both.
The console shows it within a second or two.</p>
<p><a href="/">To the desk</a></p>
</html>
`
}
