// The shapes of verdicts and outcomes. No two that mean different things have one outline, so that
// they can be told apart without colour.

import { svg } from './dom.js';

const OCTAGON = 'M8 2h8l6 6v8l-6 6H8l-6-6V8z';
const DIAMOND = 'M12 1.5 22.5 12 12 22.5 1.5 12z';

const stroke = (d, kind) => svg('path', { d, class: kind });

const SHAPES = {
  passed: () => [svg('circle', { cx: 12, cy: 12, r: 10.5, class: 'body' }), stroke('M7 12.5l3.5 3.5L17.5 8.5', 'sign')],
  trusted: () => [svg('circle', { cx: 12, cy: 12, r: 11, class: 'body' }), stroke('M6.8 12.4l3.7 3.7 7-8', 'sign')],
  genuine: () => [svg('circle', { cx: 12, cy: 12, r: 10, class: 'outline' }), stroke('M7 12.5l3.5 3.5L17.5 8.5', 'line')],
  simulated: () => [
    svg('rect', { x: 2, y: 2, width: 20, height: 20, class: 'dashed' }),
    stroke('M6.5 13.5c2-4 4-4 5.5-1.5s3.5 2.5 5.5-1.5', 'line'),
  ],
  rejected: () => [stroke(OCTAGON, 'body'), stroke('M8 8l8 8M16 8l-8 8', 'sign')],
  failed: () => [stroke(OCTAGON, 'body'), stroke('M8 8l8 8M16 8l-8 8', 'sign')],
  inconclusive: () => [stroke(DIAMOND, 'outline'), stroke('M9.3 9.6a2.7 2.7 0 1 1 4.2 2.2c-1 .7-1.5 1.2-1.5 2.3M12 16.4v.9', 'line')],
  skipped: () => [stroke(DIAMOND, 'outline'), stroke('M8.5 12h7', 'line')],
  'not-requested': () => [svg('circle', { cx: 12, cy: 12, r: 3.5, class: 'outline' })],
  error: () => [stroke('M12 2 23 21.5H1z', 'outline'), stroke('M12 9v6M12 17.4v.9', 'line')],
};

// A mark. The word always stands beside it, so it is hidden from screen readers.
export function mark(kind) {
  const shape = Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : SHAPES.error;
  return svg('svg', { class: `mark mark-${kind}`, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, shape());
}
