// Loaded into a server that another process started for itself: when that one is gone, however it went, its end of this
// pipe closes, and the server stops as if it were told to.
process.stdin
  .on('end', () => process.kill(process.pid, 'SIGTERM'))
  .on('error', () => process.kill(process.pid, 'SIGTERM'))
  .resume()
process.stdin.unref?.()
