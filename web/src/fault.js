// An error that a person can act upon: what happened, and what to do next.

export class Fault extends Error {
  constructor(code, message, next = null) {
    super(message);
    this.name = 'Fault';
    this.code = code;
    this.next = next;
  }
}

// Any thrown thing as a fault. What is not one is a defect of the page, and said to be one.
export function asFault(thrown) {
  if (thrown instanceof Fault) return thrown;
  if (thrown && typeof thrown.code === 'string' && typeof thrown.message === 'string') {
    return new Fault(thrown.code, thrown.message, thrown.next ?? null);
  }
  return new Fault('page', `the page failed: ${thrown?.message ?? thrown}`, 'reload the page; if it fails again, use the command line tool and report this');
}
