import type { Marker } from '@quarterdeck/sdk/contract/telemetry-query'
import type uPlot from 'uplot'

/** Draws a line where the platform did something: a deploy, a flag, a rollback. */
export function drawMarkers(markers: readonly Marker[], colour: string): uPlot.Plugin {
  return {
    hooks: {
      draw(plot) {
        const { ctx, bbox } = plot
        const ratio = devicePixelRatio
        ctx.save()
        ctx.strokeStyle = colour
        ctx.fillStyle = colour
        ctx.lineWidth = ratio
        ctx.setLineDash([3 * ratio, 3 * ratio])
        for (const [index, { at }] of markers.entries()) {
          const x = Math.round(plot.valToPos(Date.parse(at) / 1_000, 'x', true))
          if (x < bbox.left || x > bbox.left + bbox.width) continue
          ctx.beginPath()
          ctx.moveTo(x, bbox.top)
          ctx.lineTo(x, bbox.top + bbox.height)
          ctx.stroke()
          ctx.font = `${10 * ratio}px sans-serif`
          ctx.fillText(String(index + 1), x + 3 * ratio, bbox.top + 10 * ratio)
        }
        ctx.restore()
      },
    },
  }
}
